import type { ReactNode } from "react";
import classes from "./Tag.module.css";

/** A short state beside a name. The words say it; the colour only helps to find it. */
export function Tag({ tone = "quiet", children }: { tone?: "quiet" | "good" | "warn" | "bad"; children: ReactNode }) {
  return <span className={`${classes.tag} ${classes[tone]}`}>{children}</span>;
}
