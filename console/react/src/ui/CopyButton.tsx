import { Button } from "@mantine/core";
import { useState } from "react";
import { useWords } from "../words";

/** Puts `text` into the clipboard. Not there where the browser has none (a page over http elsewhere than localhost). */
export function CopyButton({ text }: { text: string }) {
  const words = useWords();
  const [copied, setCopied] = useState(false);
  // Undefined outside of secure contexts, whatever its type says.
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (!clipboard) return null;
  const copy = async () => {
    await clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 3000);
  };
  return (
    <Button variant="default" onClick={copy} aria-live="polite">
      {copied ? words.frame.copied : words.frame.copy}
    </Button>
  );
}
