import { Text } from "@mantine/core";
import { useWords } from "../../words";
import { clock, type Wall, whole } from "./wall";
import classes from "./wall.module.css";

/** The four numbers that one looks at from across the room. */
export function Tiles({ wall, now }: { wall: Wall; now: number }) {
  const words = useWords();
  const { waiting, urgent, since, available } = whole(wall);
  const level = wall.service_level;
  const number = words.format.number;
  return (
    <div className={classes.tiles}>
      <Tile name={words.wall.waiting} value={number(waiting)} note={words.wall.urgent(urgent)} />
      <Tile name={words.wall.longest} value={since ? clock(now - Date.parse(since)) : words.wall.none} note={since ? "" : words.wall.nobody_waits} />
      <Tile name={words.wall.available} value={number(available)} note={words.wall.of_at_work(wall.operators.length)} />
      <Tile
        name={words.wall.level}
        value={level.whole.value === null ? words.wall.none : words.format.percent(level.whole.value)}
        note={level.known ? `${words.wall.rests_on(level.whole.n)} ${words.wall.formula(level.within_s)}` : words.wall.unknown_level}
      />
    </div>
  );
}

function Tile({ name, value, note }: { name: string; value: string; note: string }) {
  return (
    <div className={`card ${classes.tile}`} role="group" aria-label={name}>
      <Text size="sm" c="dimmed">
        {name}
      </Text>
      <Text className={classes.value}>{value}</Text>
      {note && (
        <Text size="xs" c="dimmed">
          {note}
        </Text>
      )}
    </div>
  );
}
