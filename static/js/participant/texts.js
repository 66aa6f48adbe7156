// Every text of the page that does not come from the study, in the page's language; no other language is fetched.
const { lang } = document.documentElement;

/** @type {typeof import("./texts/en.js").texts} */
export const texts = (lang === "fr" ? await import("./texts/fr.js") : await import("./texts/en.js")).texts;
