import { inSymbols } from "./durations.ts";
import type { Words } from "./words.ts";

export const DE: Words = {
  locale: "de",
  direction: "ltr",
  joins: {
    title: (name, standing) => `${name} – ${standing}`,
    qualified: (text, more) => `${text} (${more})`,
    reason: (title, reason) => `${title}: ${reason}`,
    labelled: (label, value) => `${label}: ${value}`,
    sentences: (sentences) => sentences.join(" "),
    list: (items) => items.join(", "),
    percent: (percent) => `${percent}\u00a0%`,
  },
  you: "Sie",
  operationTypes: {
    createTeam: "Team erstellen",
    cloneTeam: "Team klonen",
    archiveTeam: "Team archivieren",
    unarchiveTeam: "Archivierung des Teams aufheben",
    teamifyGroup: "Team aus Gruppe erstellen",
    createChannel: "Kanal erstellen",
    archiveChannel: "Kanal archivieren",
    unarchiveChannel: "Archivierung des Kanals aufheben",
    createChat: "Chat erstellen",
    createCommunity: "Community erstellen",
    contentTypeCopy: "Inhaltstyp kopieren",
    createSimulation: "Angriffssimulation erstellen",
    // As Graph's schema spells it.
    createSimualation: "Angriffssimulation erstellen",
    updateSimulation: "Angriffssimulation aktualisieren",
  },
  kinds: {
    team: "Teamvorgang",
    chat: "Chatvorgang",
    engagement: "Viva Engage-Vorgang",
    site: "SharePoint-Vorgang",
    connection: "Vorgang zu einer Suchverbindung",
    attackSimulation: "Vorgang zu einer Angriffssimulation",
    telephoneNumber: "Vorgang zu Telefonnummern",
    roleAlert: "Vorgang zu einer Rollenwarnung",
    other: "Graph-Vorgang",
  },
  standings: {
    asking: "Graph wird gefragt",
    waiting: "wartet auf den Start",
    running: "läuft",
    unrecognised: "unbekannter Status",
    notYetFound: "noch nicht sichtbar",
    notHere: "hier nicht gefunden",
    ready: "bereit",
    succeeded: "erfolgreich",
    failed: "fehlgeschlagen",
    skipped: "übersprungen",
    unavailable: "nicht mehr verfügbar",
    notFound: "nicht gefunden",
    forbidden: "Zugriff verweigert",
    stopped: "nicht mehr beobachtet",
    expired: "noch nicht abgeschlossen",
  },
  meanings: {
    asking: "Opwatch fragt Microsoft Graph zum ersten Mal.",
    waiting: "Graph hat den Vorgang angenommen, aber noch nicht begonnen.",
    running: "Graph arbeitet daran.",
    unrecognised:
      "Graph antwortet mit einem Status, der nichts über das Ende aussagt. Opwatch wertet ihn nicht als Ende und beobachtet weiter.",
    notYetFound:
      "Graph kennt diesen Vorgang noch nicht. Das ist in den ersten Minuten üblich; Opwatch fragt weiter nach.",
    notHere:
      "Graph kennt in diesem Chat oder Team keinen Vorgang mit dieser ID. Wurde er gerade erst gestartet, lassen Sie ihn in einer Minute erneut beobachten, oder fügen Sie seinen ganzen Location-Header ein.",
    ready: "Graph meldet Erfolg, und Opwatch hat das Ergebnis gesehen.",
    succeeded:
      "Graph meldet Erfolg. Bis das Ergebnis überall sichtbar ist, kann es noch ein paar Minuten dauern.",
    failed: "Graph meldet, dass der Vorgang fehlgeschlagen ist.",
    skipped: "Graph meldet, dass der Vorgang übersprungen wurde.",
    unavailable:
      "Graph kennt diesen Vorgang nicht mehr. Vielleicht war er erfolgreich: Sehen Sie beim Ziel nach.",
    notFound:
      "Graph kannte diesen Vorgang bei rund 20 Abfragen kein einziges Mal. Vergleichen Sie die Adresse mit dem Location-Header, und lassen Sie den Vorgang erneut beobachten.",
    forbidden: "Graph lässt Opwatch diesen Vorgang nicht lesen. Er kann trotzdem noch gelingen.",
    stopped: "Jemand hat die Beobachtung beendet. Am Vorgang selbst ändert das nichts.",
    expired:
      "Opwatch hat die Beobachtung nach der längsten zulässigen Zeit beendet. Das heißt nicht, dass der Vorgang fehlgeschlagen ist; um fortzufahren, lassen Sie ihn erneut beobachten.",
  },
  troubles: {
    notFound: (since) => `Graph antwortet seit dem ${since} mit „nicht gefunden“.`,
    throttled: (since) => `Graph hat Opwatch am ${since} gebeten, mit der nächsten Abfrage zu warten.`,
    unauthorized: (since) =>
      `Graph lehnt die Anmeldung von Opwatch seit dem ${since} ab. Ein Administrator sollte die Anmeldeinformationen der Anwendung prüfen.`,
    noToken: (since) => `Opwatch hat seit dem ${since} kein Zugriffstoken.`,
    refused: (since) => `Graph verweigert seit dem ${since} die Antwort. Opwatch fragt weiter nach.`,
    unavailable: (since) => `Graph ist seit dem ${since} nicht verfügbar. Opwatch fragt weiter nach.`,
    noAnswer: (since) => `Graph antwortet seit dem ${since} nicht. Opwatch fragt weiter nach.`,
    unreadable: (since) => `Graphs Antworten sind seit dem ${since} unlesbar. Opwatch fragt weiter nach.`,
  },
  credentialProblems: {
    secretExpired:
      "Der geheime Clientschlüssel der Anwendung ist abgelaufen: Ein Administrator sollte in Entra einen neuen erstellen und in Opwatch hinterlegen.",
    secretWrong:
      "Der geheime Clientschlüssel der Anwendung ist falsch: Ein Administrator sollte den Wert des Schlüssels hinterlegen, nicht dessen ID.",
    certificateRefused:
      "Das Zertifikat der Anwendung ist in Entra nicht registriert oder abgelaufen: Ein Administrator sollte es dort hochladen.",
    applicationUnknown:
      "Die Organisation kennt die Anwendung nicht: Ein Administrator sollte ihr dort die Zustimmung erteilen.",
    tenantUnknown: "Die Organisation wurde nicht gefunden: Ein Administrator sollte die Mandanten-ID prüfen.",
    blocked:
      "Die Organisation blockiert die Anwendung: Ein Administrator sollte den bedingten Zugriff und den Dienstprinzipal der Anwendung prüfen.",
    noManagedIdentity:
      "Die verwaltete Identität hat nicht geantwortet: Ein Administrator sollte sie der Umgebung zuweisen, in der Opwatch läuft.",
    unreachable:
      "Der Anmeldedienst ist nicht erreichbar: Ein Administrator sollte Netzwerk, Proxy und Firewall prüfen.",
    unknown: "Ein Administrator sollte die Anmeldeinformationen der Anwendung prüfen.",
  },
  explanations: {
    badRequest:
      "Graph konnte die Anforderung nicht annehmen. Prüfen Sie, womit der Vorgang gestartet wurde, vor allem Namen, Besitzer und Vorlagen.",
    conflict:
      "Etwas mit diesem Namen oder dieser ID gibt es schon, oder es wird gerade von jemand anderem geändert.",
    denied:
      "Wer den Vorgang gestartet hat, durfte nicht alles tun, was dazugehört. Prüfen Sie die Berechtigungen dieser App oder Person.",
    licence: "Es fehlt eine Lizenz. Prüfen Sie die Lizenzen der Besitzer und Mitglieder.",
    quota: "Eine Obergrenze der Organisation ist erreicht, zum Beispiel die Anzahl der Teams oder Gruppen.",
    teamUnavailable:
      "Das Team war nicht da: gelöscht, archiviert oder nicht fertig erstellt. Sehen Sie nach, ob es existiert, bevor Sie den Vorgang erneut starten.",
    thingMissing:
      "Etwas, das der Vorgang braucht, wurde nicht gefunden. Vielleicht ist es zu neu: Warten Sie ein paar Minuten, und starten Sie den Vorgang erneut.",
    throttled: "Graph war ausgelastet. Warten Sie ein paar Minuten, und starten Sie den Vorgang erneut.",
    unavailable:
      "Ein Dienst hinter Graph ist ausgefallen. Sehen Sie nach, ob das Ergebnis da ist, bevor Sie den Vorgang erneut starten: Es könnte sonst doppelt entstehen.",
  },
  permission: (application, rsc, page) => {
    const consent =
      rsc.length === 0
        ? ""
        : ` oder Opwatch mit der Zustimmung ${rsc.join(" oder ")} zum Chat oder Team hinzufügen`;
    return `Ein Administrator kann die Anwendungsberechtigung ${application.join(" oder ")} erteilen${consent}. [Seite von Microsoft](${page})`;
  },
  permissionUndocumented: (known, page) =>
    `Microsoft dokumentiert keine Berechtigung zum Lesen. Erfahrungsgemäß reicht die Berechtigung, mit der der Vorgang gestartet wurde: ${known.join(", ")}. [Seite von Microsoft](${page})`,
  permissionUnknown: (page) =>
    `Die Berechtigung, mit der der Vorgang gestartet wurde, reicht meist auch zum Lesen. [Seite von Microsoft](${page})`,
  duration: inSymbols,
  usual: (duration) => `In der Regel nach etwa ${duration} fertig.`,
  slow: (duration) =>
    `Dauert länger als 95 von 100 solchen Vorgängen, die innerhalb von ${duration} fertig waren. Er kann trotzdem noch gelingen.`,
  unseen: "Opwatch hat dreimal nach dem Ergebnis gesucht und es noch nicht gefunden.",
  stepCount: ({ group, done, total, isTold }) => {
    const { one, many, ofMany } = {
      apps: { one: "App", many: "Apps", ofMany: "Apps" },
      channels: { one: "Kanal", many: "Kanäle", ofMany: "Kanälen" },
    }[group];
    if (!isTold) return `${total} ${total === 1 ? one : many}`;
    return `${done} von ${total} ${total === 1 ? one : ofMany}`;
  },
  failedSteps: (names, more) => {
    const count = names.length + more;
    const rest = more === 0 ? "" : ` und ${more} ${more === 1 ? "weiterer" : "weitere"}`;
    return count === 1
      ? `Ein Teil davon ist nach Angabe von Graph fehlgeschlagen: ${names.join("")}.`
      : `${count} Teile davon sind nach Angabe von Graph fehlgeschlagen: ${names.join(", ")}${rest}.`;
  },
  partsFailed: (count) => (count === 1 ? "1 Teil fehlgeschlagen" : `${count} Teile fehlgeschlagen`),
  slowShort: "länger als üblich",
  stepGroups: { apps: "App", channels: "Kanal" },
  more: (count) => (count === 1 ? "…und 1 weiterer" : `…und ${count} weitere`),
  facts: {
    status: "Status",
    attempts: "Versuche",
    started: "Gestartet",
    tracked: "Beobachtet seit",
    changed: "Geändert",
    requester: "Angefordert von",
    target: "Ziel",
    error: "Fehler",
    detail: "Detail",
    operation: "Vorgang",
    progress: "Fortschritt",
    kind: "Art",
    noMessage: "Graph hat keinen Grund genannt.",
  },
  support: "Für den Support",
  parts: "Teile",
  timeline: "Verlauf",
  attempt: (count) => `Versuch ${count}`,
  buttons: {
    refresh: "Aktualisieren",
    stop: "Nicht mehr beobachten",
    details: "Details",
    open: "Öffnen",
    link: "Pipeline öffnen",
  },
  refreshed: (ageSeconds, checkedAt, waitSeconds) =>
    `Vor ${ageSeconds}\u00a0s abgefragt, am ${checkedAt}. Graph kann in ${waitSeconds}\u00a0s wieder gefragt werden.`,
  refreshedNow: "Graph wird jetzt gefragt. Die Karte ändert sich, wenn es etwas Neues gibt.",
  ping: (mention, title, operation) => `${mention} ${title} · \`${operation}\``,
  pingNobody: (title, operation) => `${title} · \`${operation}\``,
  notice: (mention, name, operation, duration) =>
    `${mention} ${name} dauert länger als üblich: 95 von 100 waren innerhalb von ${duration} fertig. Das kann trotzdem noch gelingen; ich beobachte weiter. · \`${operation}\``,

  welcome:
    "Hallo, ich bin Opwatch. Ich beobachte lang laufende Vorgänge in Microsoft Graph (Teams erstellen, klonen oder archivieren; Kanäle, Chats oder Viva Engage-Communitys erstellen) und sage Ihnen, wie sie ausgehen.",
  helpTitle: "So verwenden Sie Opwatch",
  help: (mention, example) =>
    [
      `**${mention}track** \`${example}\` — einen Vorgang beobachten; fügen Sie seinen Location-Header ein (gern mehrere auf einmal)`,
      `**${mention}list** — was hier beobachtet wird`,
      `**${mention}status** *Vorgang* — die Angaben zu einem Vorgang; seine Adresse oder seine ID`,
      `**${mention}stop** *Vorgang* · **${mention}stop all** — nicht mehr beobachten`,
      `**${mention}alias** *Name* — lässt Pipelines unter diesem Namen hier posten`,
      `**${mention}help** — dieser Text`,
    ]
      .map((line) => `- ${line}`)
      .join("\n"),
  hint: (mention) =>
    `Das habe ich nicht verstanden. Versuchen Sie es mit **${mention}track** und dem Location-Header eines Vorgangs, oder mit **${mention}help**.`,
  hintTrack: (mention) =>
    `Das sieht nach einem Vorgang aus. Schreiben Sie **${mention}track** davor, dann beobachte ich ihn; **${mention}help** erklärt den Rest.`,
  tooLong: (length, max) =>
    `Das ist eine lange Nachricht (${length} Zeichen; ich lese bis zu ${max}). Bitte fügen Sie nur die Location-Header ein.`,
  nothingToTrack: (mention, example) =>
    `Was soll ich beobachten? Fügen Sie den Location-Header des Vorgangs ein, zum Beispiel:\n\n${mention}track \`${example}\``,
  tooMany: (count, max) =>
    `Das sind ${count} Vorgänge; ich nehme bis zu ${max} in einer Nachricht an. Bitte teilen Sie sie auf.`,
  foreignTenant:
    "Ich arbeite für eine andere Organisation und kann Graph nicht nach Vorgängen Ihrer Organisation fragen. Bitten Sie Ihren Administrator, Opwatch für Ihren Mandanten einzurichten.",
  guest:
    "Gäste können hier keine Vorgänge beobachten lassen. Bitten Sie ein Mitglied dieser Organisation darum; die Karte sehen Sie dann auch.",
  unknownPerson:
    "Teams hat mir nicht mitgeteilt, wer Sie sind; deshalb kann ich gerade nichts für Sie beobachten. Bitte versuchen Sie es in einer Minute noch einmal.",
  bareId: (text) =>
    `\`${text}\` sieht nach der ID eines Vorgangs aus. Allein genügt sie nur in dem Chat oder Team, zu dem der Vorgang gehört; hier brauche ich seinen ganzen Location-Header.`,
  denied: {
    notMember: (operation) =>
      `\`${operation}\`: Nur Mitglieder des Teams oder Chats, zu dem der Vorgang gehört, können ihn beobachten lassen.`,
    otherConversation: (operation) =>
      `\`${operation}\` lässt sich nur in dem Chat oder Team beobachten, zu dem der Vorgang gehört.`,
    membersUnknown: (operation) =>
      `\`${operation}\`: Graph hat mir nicht mitgeteilt, ob Sie Mitglied des zugehörigen Teams oder Chats sind. Versuchen Sie es in einer Minute noch einmal; wenn das nicht hilft, sollte ein Administrator prüfen, ob Opwatch Mitglieder lesen darf (TeamMember.Read.All, ChatMember.Read.All).`,
    noMembers: (operation) =>
      `\`${operation}\` gehört zu keinem Team oder Chat, und Opwatch ist hier nur für Mitglieder eines Teams oder Chats eingerichtet.`,
  },
  deniedMore: (count) =>
    count === 1
      ? "…und 1 weiterer, den Sie nicht beobachten lassen können."
      : `…und ${count} weitere, die Sie nicht beobachten lassen können.`,
  refusedMore: (count) =>
    `…und ${count} weitere ${count === 1 ? "Angabe" : "Angaben"}, die ich nicht lesen kann.`,
  refused: {
    notAnOperation: (text) => `\`${text}\` ist nicht die Adresse eines Vorgangs.`,
    target: (text) =>
      `\`${text}\` ist die Adresse eines Teams, Kanals oder einer anderen Ressource, nicht die des Vorgangs, der sie erstellt oder ändert.`,
    placeholder: (text) =>
      `\`${text}\` enthält einen Platzhalter oder wurde abgeschnitten. Fügen Sie den ganzen Wert aus der Antwort ein.`,
    metadata: (text) =>
      `\`${text}\` ist ein @odata.context: Daraus geht nicht hervor, welcher Vorgang es ist. Fügen Sie den Location-Header ein.`,
    otherCloud: (text) => `\`${text}\` gehört zu einer anderen Microsoft-Cloud als der, die ich beobachte.`,
    notInCloud: (text) => `\`${text}\`: Diese Art von Vorgang gibt es in dieser Microsoft-Cloud nicht.`,
    copyMonitor: () =>
      "Das ist die Adresse, unter der sich das Kopieren einer Datei verfolgen lässt. Wer sie kennt, kann sie ohne Anmeldung lesen; deshalb habe ich sie weder benutzt noch gespeichert. Am besten löschen Sie Ihre Nachricht. Dateikopien kann ich nicht beobachten.",
    authentication: () =>
      "Das ist ein Vorgang zu den Authentifizierungsmethoden einer Person. Graph zeigt solche Vorgänge nur Personen, nicht Anwendungen, und die erste Antwort kann ein Kennwort enthalten; deshalb beobachte ich sie nicht.",
    signedInUser: (text) =>
      `\`${text}\` beginnt mit /me, also der angemeldeten Person, und ich bin eine Anwendung. Schreiben Sie /users/ und die ID der Person anstelle von /me.`,
    unknownHost: (text) => `\`${text}\` liegt nicht bei Microsoft Graph, deshalb frage ich dort nicht nach.`,
    malformed: (text) => `\`${text}\` lässt sich nicht als Adresse lesen.`,
  },
  expected: (example) =>
    `Ich erwarte die Adresse, die Graph beim Start des Vorgangs genannt hat, zum Beispiel \`${example}\`.`,
  already: (title, standing, link) =>
    link === null
      ? `Das beobachte ich hier schon: **${title}** — ${standing}. Die Karte dazu ist bereits in dieser Unterhaltung.`
      : `Das beobachte ich hier schon: **${title}** — ${standing}. [Zur Karte](${link}).`,
  aliasSet: (name) => `Pipelines können jetzt unter \`${name}\` hier posten.`,
  aliasTaken: (name) => `Den Alias \`${name}\` hat schon eine andere Unterhaltung. Wählen Sie einen anderen.`,
  aliasBad: (mention) =>
    `Ein Alias besteht aus 1 bis 64 Buchstaben, Ziffern, Punkten, Bindestrichen oder Unterstrichen, zum Beispiel **${mention}alias** \`bereitstellung\`.`,
  aliasList: (names, mention) =>
    names.length === 0
      ? `Diese Unterhaltung hat keinen Alias. **${mention}alias** \`Name\` gibt ihr einen, damit Pipelines hier posten können.`
      : `Pipelines können hier posten unter ${names.map((name) => `\`${name}\``).join(", ")}. **${mention}alias remove** \`Name\` entfernt einen Alias.`,
  aliasRemoved: (name) => `Der Alias \`${name}\` ist entfernt. Was damit schon beobachtet wird, bleibt.`,
  aliasUnknown: (name) => `Diese Unterhaltung hat keinen Alias \`${name}\`.`,
  emptyList: (mention) =>
    `Ich beobachte hier nichts. Beginnen Sie mit **${mention}track** und dem Location-Header eines Vorgangs.`,
  listHeader: (count) =>
    count === 1 ? "Ich beobachte hier einen Vorgang:" : `Ich beobachte hier ${count} Vorgänge:`,
  listLine: (title, standing, requester, operation) =>
    `- **${title}** — ${standing} · angefordert von ${requester} · \`${operation}\``,
  listMore: (count) => (count === 1 ? "…und 1 weiterer." : `…und ${count} weitere.`),
  whichOne: (command, mention) =>
    `Welcher Vorgang? Schreiben Sie **${mention}${command}** und seinen Location-Header oder seine ID; **${mention}list** zeigt, was hier beobachtet wird.`,
  unknownWatch: (text, mention) =>
    `\`${text}\` beobachte ich hier nicht. **${mention}list** zeigt, was beobachtet wird.`,
  stopped: (count) =>
    count === 1 ? "Ich beobachte den Vorgang nicht mehr." : `Ich beobachte ${count} Vorgänge nicht mehr.`,
  nothingToStop: "Hier gab es nichts zu beenden.",
  alreadyOver: (title, standing) => `Das beobachte ich nicht mehr: **${title}** — ${standing}.`,
  gone: "Diese Karte gehört zu einer Beobachtung, die ich nicht mehr kenne.",
  trouble:
    "Bei mir ist etwas schiefgegangen, und es wurde nichts geändert. Bitte versuchen Sie es in einer Minute noch einmal.",
  takesLong: "Das dauert länger als sonst. Sehen Sie in einer Minute noch einmal auf die Karte.",
};
