import { Center, Loader, Skeleton } from "@mantine/core";
import { useWords } from "../words";

/** Something is on its way. height: of what will stand here (a grey place as large), without one a turning wheel. */
export function Waiting({ height, className }: { height?: number; className?: string }) {
  const loading = useWords().frame.loading;
  if (height !== undefined || className) return <Skeleton h={height} radius="md" className={className} role="status" aria-label={loading} />;
  return (
    <Center p="xl" role="status" aria-label={loading}>
      <Loader />
    </Center>
  );
}
