/** Phrases of users and agents in one language. `{…}` are filled in when a sentence is drawn. */
export interface Phrases {
  language: string;
  questions: readonly [string, ...string[]];
  remarks: readonly [string, ...string[]];
  answers: readonly [string, ...string[]];
  details: readonly [string, ...string[]];
  closings: readonly [string, ...string[]];
}

const ENGLISH: Phrases = {
  language: "en",
  questions: [
    "Hi, I need some help with {reference}.",
    "Can you tell me what happened to {reference}? It was due on {date}.",
    "I'd like to move my booking {reference} to {date}, is that possible?",
    "Why was I charged {amount} for {reference}?",
    "My trip to {city} was cancelled. What are my options?",
    "Could you look up the status of {reference} please? 🙏",
    "I never received a confirmation for {reference}.",
  ],
  remarks: [
    "Yes, that is right.",
    "No, the other one. The total should have been {amount}.",
    "Thanks! And what about {reference}?",
    "{date} works for me.",
    "Hmm, that isn't what your colleague in {city} told me.",
    "OK, please go ahead. 👍",
    "Wait, can we check the price first?",
  ],
  answers: [
    "Thanks for reaching out. I have found {reference} in our records.",
    "I see: {reference} was handed over in {city} on {date}.",
    "I can certainly do that for you.",
    "Let me check that for you, one moment.",
    "There is one entry for {reference}, with a total of {amount}.",
    "I'm sorry about the trouble with {reference}.",
  ],
  details: [
    "The earliest date that I can offer is {date}.",
    "The difference of {amount} goes back to the card that you paid with, within five working days.",
    "Your itinerary:\n- {city}, {date}\n- {city}, {date}",
    "Nothing else about the order changes, and you will get an email once it is done.",
    "Please note that a change after {date} costs {amount}.",
    "You can follow it at `status/{reference}` at any time.",
  ],
  closings: [
    "Shall I go ahead? (yes/no)",
    "Is there anything else that I can do for you?",
    "Have a good trip! ✈️",
    "Does that answer your question?",
  ],
};

const GERMAN: Phrases = {
  language: "de",
  questions: [
    "Guten Tag, wo bleibt meine Bestellung {reference}?",
    "Können Sie {reference} bitte auf den {date} verschieben?",
    "Warum wurden mir für {reference} {amount} berechnet?",
  ],
  remarks: ["Ja, genau.", "Nein, ich meinte {reference}.", "Danke schön! Das hilft mir weiter. 😊"],
  answers: [
    "Vielen Dank für Ihre Nachricht. Ich habe {reference} gefunden.",
    "Ihre Sendung hat {city} am {date} verlassen.",
    "Das prüfe ich gern für Sie.",
  ],
  details: ["Die Gutschrift über {amount} ist veranlasst.", "Frühestmöglicher Termin: {date}, Übergabe in {city}."],
  closings: ["Kann ich sonst noch etwas für Sie tun?", "Soll ich das so übernehmen?"],
};

const FRENCH: Phrases = {
  language: "fr",
  questions: [
    "Bonjour, j'ai un problème avec {reference}.",
    "Est-ce qu'on peut déplacer {reference} au {date} ?",
    "Mon vol pour {city} a été annulé, que faire ?",
  ],
  remarks: ["Oui, c'est ça.", "Parfait, merci ! 🎉", "Et pour {reference} ?"],
  answers: ["Je regarde ça tout de suite.", "J'ai bien retrouvé {reference}, d'un montant de {amount}."],
  details: ["Le remboursement de {amount} arrivera avant le {date}.", "Prochain départ de {city} : le {date}."],
  closings: ["Puis-je vous aider pour autre chose ?", "Voulez-vous que je confirme ?"],
};

const SPANISH: Phrases = {
  language: "es",
  questions: ["Hola, ¿dónde está mi pedido {reference}?", "¿Puedo cambiar {reference} para el {date}?"],
  remarks: ["Sí, correcto.", "Gracias, ¡muy amable!", "No, era {reference}."],
  answers: ["Claro, lo reviso ahora mismo.", "He encontrado {reference}: salió de {city} el {date}."],
  details: ["Le devolvemos {amount} antes del {date}.", "El próximo envío sale de {city}."],
  closings: ["¿Necesita algo más?", "¿Quiere que lo confirme?"],
};

const JAPANESE: Phrases = {
  language: "ja",
  questions: ["{reference} の状況を教えてください。", "{date} に変更できますか?"],
  remarks: ["はい、お願いします。", "ありがとうございます 🙇‍♀️"],
  answers: ["確認いたしますので、少々お待ちください。", "{reference} は {date} に {city} を出発しました。"],
  details: ["差額 {amount} を返金いたします。"],
  closings: ["他にご質問はございますか?"],
};

const ARABIC: Phrases = {
  language: "ar",
  questions: ["مرحبًا، أين طلبي {reference}؟", "هل يمكن تغيير الموعد إلى {date}؟"],
  remarks: ["نعم، شكرًا جزيلًا.", "لا، أقصد {reference}."],
  answers: ["سأتحقق من ذلك حالًا.", "وجدت {reference} بقيمة {amount}."],
  details: ["سيصل المبلغ قبل {date}."],
  closings: ["هل من شيء آخر؟"],
};

/** Every language, frequent ones more than once, for drawing. */
export const ALL_PHRASES: readonly [Phrases, ...Phrases[]] = [
  ENGLISH,
  ENGLISH,
  ENGLISH,
  ENGLISH,
  ENGLISH,
  ENGLISH,
  GERMAN,
  GERMAN,
  FRENCH,
  SPANISH,
  JAPANESE,
  ARABIC,
];
