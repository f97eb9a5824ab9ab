/** What went wrong, said at once to those who hear the page. */
export function Fault({ text }: { text: string }) {
  return (
    <p class="fault" role="alert">
      {text}
    </p>
  );
}
