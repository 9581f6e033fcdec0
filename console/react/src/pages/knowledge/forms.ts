/** In which articles come in and go out. */
export const FORMS = ["csv", "markdown", "json-ld", "html", "yaml"] as const;
