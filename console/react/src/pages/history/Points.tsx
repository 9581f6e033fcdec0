import { List } from "@mantine/core";
import type { Schemas } from "../../api/client";
import { Tag } from "../../ui/Tag";
import { useWords } from "../../words";

/** Somebody's addresses, and how sure it is that they are theirs. */
export function Points({ points }: { points: Schemas["ContactView"]["points"] }) {
  const w = useWords().history;
  return (
    <List listStyleType="none" spacing={4}>
      {points.map((one) => (
        <List.Item key={`${one.kind} ${one.value}`}>
          {one.value} <Tag>{one.verified_at ? w.verified : one.confidence === "known" ? w.known : w.maybe}</Tag>
        </List.Item>
      ))}
    </List>
  );
}
