import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { en } from "./en";
import { it, type Words } from "./it";

export type { Words };
export type Language = "it" | "en";

const KEPT_AS = "centralino.language"; // the plain pages keep theirs there, too
const ALL: Record<Language, Words> = { it, en };

interface Speaking {
  language: Language;
  words: Words;
  setLanguage: (language: Language) => void;
}

const Speech = createContext<Speaking>({ language: "it", words: it, setLanguage: () => {} });

/** Italian unless the reader chose English in this browser. */
export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(() => (localStorage.getItem(KEPT_AS) === "en" ? "en" : "it"));
  useEffect(() => {
    document.documentElement.lang = language;
    localStorage.setItem(KEPT_AS, language);
  }, [language]);
  const speaking = useMemo(() => ({ language, words: ALL[language], setLanguage }), [language]);
  return <Speech value={speaking}>{children}</Speech>;
}

export function useLanguage(): Speaking {
  return useContext(Speech);
}

/** The texts of the reader's language: `words.users.title`. A missing one is an error of types. */
export function useWords(): Words {
  return useContext(Speech).words;
}
