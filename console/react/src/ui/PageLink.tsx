import { Anchor, type AnchorProps, VisuallyHidden } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { useWords } from "../words";

interface Props extends AnchorProps {
  /** Below /console. */
  href: string;
  /** Opens it in another tab, for who must not leave the page they are on. */
  otherTab?: boolean;
  children: ReactNode;
}

/** A link to another page of the console. */
export function PageLink({ href, otherTab = false, children, ...look }: Props) {
  const words = useWords();
  if (!otherTab) {
    return (
      <Anchor component={Link} href={href} {...look}>
        {children}
      </Anchor>
    );
  }
  return (
    <Anchor href={`/console${href}`} target="_blank" rel="noopener" {...look}>
      {children}
      <VisuallyHidden>{words.frame.other_tab}</VisuallyHidden>
    </Anchor>
  );
}
