export const home = {
  menu: "Inizio",
  title: (name: string) => `Ciao ${name}`,
  lead: "Da qui si guida il centralino.",
  call_about: "Parlare con il bot dal microfono di questo computer.",
  not_found: "Questa pagina non esiste",
  not_found_text: "L'indirizzo è sbagliato, o la pagina è stata spostata. Scegli dal menu.",
  back: "Vai all'inizio",
  refused: "Questa pagina è per altri",
  refused_text: (roles: string) => `Serve uno di questi ruoli: ${roles}. Chiedilo a chi amministra gli utenti.`,
};
