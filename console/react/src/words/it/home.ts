export const home = {
  menu: "Inizio",
  title: (name: string) => `Salve, ${name}`,
  lead: "Da qui si guida il centralino.",
  call_about: "Parlare con il bot dal microfono di questo computer.",
  not_found: "Questa pagina non esiste",
  not_found_text: "L'indirizzo è sbagliato, o la pagina è stata spostata. Scelga dal menu.",
  back: "Vai all'inizio",
  refused: "Questa pagina è per altri",
  refused_text: (roles: string) => `Serve uno di questi ruoli: ${roles}. Lo chieda a chi amministra gli utenti.`,
};
