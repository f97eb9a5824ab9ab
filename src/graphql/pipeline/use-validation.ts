import { NoSchemaIntrospectionCustomRule, validate } from "graphql";
import type { Plugin } from "graphql-yoga";

/**
 * Validates without suggesting names that a wrong one is close to. Suggestions would show the schema, and take longer to find the
 * longer a made-up name is. `hideSuggestions` is a late option of graphql-js; test/house/seams.test.ts holds what is expected of it.
 */
export function useValidation(introspection: boolean): Plugin {
  return {
    onValidate({ addValidationRule, setValidationFn }) {
      if (!introspection) addValidationRule(NoSchemaIntrospectionCustomRule);
      setValidationFn((schema, document, rules) => validate(schema, document, rules, { hideSuggestions: true }));
    },
  };
}
