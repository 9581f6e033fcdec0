export const roles = {
  operator: { name: "Operatore", may: "risponde alle chiamate; legge chiamate e contatti" },
  supervisor: { name: "Supervisore", may: "tutte le code, le campagne, i numeri, le registrazioni" },
  "flow-admin": { name: "Autore dei flussi", may: "scrive, prova e pubblica flussi e articoli" },
  "privacy-officer": { name: "Responsabile privacy", may: "esporta, cancella, blocca; legge il registro delle attività" },
  sysadmin: { name: "Amministratore di sistema", may: "utenti, webhook, impostazioni; da solo non vede dati di chi chiama" },
};
