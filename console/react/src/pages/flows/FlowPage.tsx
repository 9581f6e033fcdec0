import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "wouter";
import { api, data } from "../../api/client";
import { Page } from "../../ui/Page";
import { Trouble } from "../../ui/Trouble";
import { useWords } from "../../words";
import { FlowEditor } from "./FlowEditor";
import { flowbookKey } from "./flows";

/** One flowbook: read once; from then on the editor has it, until it is read anew. */
export default function FlowPage() {
  const words = useWords();
  const { id = "" } = useParams<{ id: string }>();
  const whole = useQuery({
    queryKey: flowbookKey(id),
    queryFn: () => data(api.GET("/api/flowbooks/{flowbook}", { params: { path: { flowbook: id } } })),
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  if (whole.data) return <FlowEditor key={whole.dataUpdatedAt} whole={whole.data} readAnew={() => whole.refetch()} />;
  return (
    <Page title={id}>
      {whole.error ? <Trouble error={whole.error} again={() => whole.refetch()} /> : <Skeleton h={400} radius="md" aria-label={words.frame.loading} />}
    </Page>
  );
}
