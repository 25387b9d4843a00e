import { inSymbols } from "./durations.ts";
import type { Words } from "./words.ts";

export const FR: Words = {
  locale: "fr",
  direction: "ltr",
  joins: {
    title: (name, standing) => `${name} — ${standing}`,
    qualified: (text, more) => `${text} (${more})`,
    reason: (title, reason) => `${title}\u00a0: ${reason}`,
    labelled: (label, value) => `${label}\u00a0: ${value}`,
    sentences: (sentences) => sentences.join(" "),
    list: (items) => items.join(", "),
    percent: (percent) => `${percent}\u00a0%`,
  },
  you: "vous",
  operationTypes: {
    createTeam: "Création d’une équipe",
    cloneTeam: "Clonage d’une équipe",
    archiveTeam: "Archivage d’une équipe",
    unarchiveTeam: "Désarchivage d’une équipe",
    teamifyGroup: "Création d’une équipe à partir d’un groupe",
    createChannel: "Création d’un canal",
    archiveChannel: "Archivage d’un canal",
    unarchiveChannel: "Désarchivage d’un canal",
    createChat: "Création d’une conversation",
    createCommunity: "Création d’une communauté",
    contentTypeCopy: "Copie d’un type de contenu",
    createSimulation: "Création d’une simulation d’attaque",
    // As Graph's schema spells it.
    createSimualation: "Création d’une simulation d’attaque",
    updateSimulation: "Mise à jour d’une simulation d’attaque",
  },
  kinds: {
    team: "Opération sur une équipe",
    chat: "Opération sur une conversation",
    engagement: "Opération Viva Engage",
    site: "Opération SharePoint",
    connection: "Opération sur une connexion de recherche",
    attackSimulation: "Opération sur une simulation d’attaque",
    telephoneNumber: "Opération sur des numéros de téléphone",
    roleAlert: "Opération sur une alerte de rôle",
    other: "Opération Graph",
  },
  // Without a gender, because the title before them may have any; “ignorée” is said of the operation.
  standings: {
    asking: "interrogation de Graph",
    waiting: "en attente de démarrage",
    running: "en cours",
    unrecognised: "état non reconnu",
    notYetFound: "pas encore visible",
    notHere: "introuvable ici",
    ready: "résultat disponible",
    succeeded: "succès",
    failed: "échec",
    skipped: "ignorée",
    unavailable: "n’est plus disponible",
    notFound: "introuvable",
    forbidden: "accès refusé",
    stopped: "suivi arrêté",
    expired: "toujours sans résultat",
  },
  meanings: {
    asking: "Opwatch interroge Microsoft Graph pour la première fois.",
    waiting: "Graph a accepté l’opération, mais ne l’a pas encore commencée.",
    running: "Graph y travaille.",
    unrecognised:
      "Graph renvoie un état qui ne dit rien de l’issue. Opwatch n’y voit pas une fin et poursuit le suivi.",
    notYetFound:
      "Graph ne connaît pas encore cette opération. C’est courant dans les premières minutes\u00a0; Opwatch continue d’interroger Graph.",
    notHere:
      "Graph ne connaît aucune opération avec cet ID dans cette conversation ou cette équipe. Si elle vient d’être lancée, redemandez son suivi dans une minute ou collez son en-tête Location en entier.",
    ready: "Graph annonce un succès et Opwatch a vu le résultat.",
    succeeded:
      "Graph annonce un succès. Il faut parfois encore quelques minutes pour que le résultat apparaisse partout.",
    failed: "Graph annonce que l’opération a échoué.",
    skipped: "Graph annonce que l’opération a été ignorée.",
    unavailable: "Graph ne connaît plus cette opération. Elle a peut-être réussi\u00a0: vérifiez sa cible.",
    notFound:
      "Graph n’a jamais reconnu cette opération en 20 vérifications environ. Comparez l’adresse à l’en-tête Location et redemandez le suivi.",
    forbidden: "Graph ne laisse pas Opwatch lire cette opération. Elle peut encore réussir.",
    stopped: "Quelqu’un a arrêté le suivi. Cela ne change rien à l’opération elle-même.",
    expired:
      "Opwatch a arrêté le suivi après la durée maximale autorisée. Cela ne veut pas dire que l’opération a échoué\u00a0; redemandez le suivi pour continuer.",
  },
  troubles: {
    notFound: (since) => `Depuis le ${since}, Graph répond «\u00a0introuvable\u00a0».`,
    throttled: (since) =>
      `Le ${since}, Graph a demandé à Opwatch d’attendre avant la prochaine vérification.`,
    unauthorized: (since) =>
      `Graph refuse la connexion d’Opwatch depuis le ${since}. Un administrateur devrait vérifier les informations d’identification de l’application.`,
    noToken: (since) => `Opwatch est sans jeton d’accès depuis le ${since}.`,
    refused: (since) => `Graph refuse de répondre depuis le ${since}. Opwatch continue de l’interroger.`,
    unavailable: (since) => `Graph est indisponible depuis le ${since}. Opwatch continue de l’interroger.`,
    noAnswer: (since) => `Graph ne répond pas depuis le ${since}. Opwatch continue de l’interroger.`,
    unreadable: (since) =>
      `Les réponses de Graph sont illisibles depuis le ${since}. Opwatch continue d’interroger Graph.`,
  },
  credentialProblems: {
    secretExpired:
      "Le secret client de l’application a expiré\u00a0: un administrateur devrait en créer un autre dans Entra et le configurer.",
    secretWrong:
      "Le secret client de l’application est incorrect\u00a0: un administrateur devrait configurer la valeur du secret, et non son ID.",
    certificateRefused:
      "Le certificat de l’application n’est pas inscrit dans Entra ou a expiré\u00a0: un administrateur devrait l’y charger.",
    applicationUnknown:
      "L’organisation ne connaît pas l’application\u00a0: un administrateur de l’organisation devrait lui accorder le consentement.",
    tenantUnknown:
      "L’organisation est introuvable\u00a0: un administrateur devrait vérifier l’ID de locataire.",
    blocked:
      "L’organisation bloque l’application\u00a0: un administrateur devrait examiner l’accès conditionnel et le principal de service de l’application.",
    noManagedIdentity:
      "L’identité managée n’a pas répondu\u00a0: un administrateur devrait l’attribuer à l’environnement où s’exécute Opwatch.",
    unreachable:
      "Le service de connexion est injoignable\u00a0: un administrateur devrait vérifier le réseau, le proxy et le pare-feu.",
    unknown: "Un administrateur devrait vérifier les informations d’identification de l’application.",
  },
  explanations: {
    badRequest:
      "Graph n’a pas pu accepter ce qui lui était demandé. Vérifiez la requête qui a lancé l’opération, surtout les noms, les propriétaires et les modèles.",
    conflict:
      "Un élément portant ce nom ou cet ID existe déjà, ou quelqu’un d’autre est en train de le modifier.",
    denied:
      "L’auteur de l’opération n’était pas autorisé à l’effectuer entièrement. Vérifiez les autorisations de cette application ou de cette personne.",
    licence: "Il manque une licence. Vérifiez les licences des propriétaires et des membres.",
    quota: "Une limite de l’organisation est atteinte, par exemple le nombre d’équipes ou de groupes.",
    teamUnavailable:
      "L’équipe n’était pas là\u00a0: supprimée, archivée ou créée à moitié. Regardez si elle existe avant de relancer l’opération.",
    thingMissing:
      "Un élément nécessaire à l’opération est introuvable. Il est peut-être trop récent\u00a0: attendez quelques minutes et relancez-la.",
    throttled: "Graph était surchargé. Attendez quelques minutes et relancez l’opération.",
    unavailable:
      "Un service derrière Graph a échoué. Regardez si le résultat est là avant de relancer l’opération\u00a0: elle pourrait en créer un second.",
  },
  permission: (application, rsc, page) => {
    const consent =
      rsc.length === 0
        ? ""
        : `, ou ajouter Opwatch à la conversation ou à l’équipe avec le consentement ${rsc.join(" ou ")}`;
    return `Un administrateur peut accorder l’autorisation d’application ${application.join(" ou ")}${consent}. [Page de Microsoft](${page})`;
  },
  permissionUndocumented: (known, page) =>
    `Microsoft ne documente aucune autorisation pour la lire. L’expérience montre que l’autorisation ayant servi à la lancer suffit\u00a0: ${known.join(", ")}. [Page de Microsoft](${page})`,
  permissionUnknown: (page) =>
    `L’autorisation qui a servi à la lancer permet généralement de la lire. [Page de Microsoft](${page})`,
  duration: inSymbols,
  usual: (duration) => `Prend généralement environ ${duration}.`,
  slow: (duration) =>
    `Dure plus longtemps que 95 opérations de ce type sur 100, terminées en ${duration} au plus. Elle peut encore réussir.`,
  unseen: "Opwatch a cherché le résultat trois fois et ne l’a pas encore vu.",
  stepCount: ({ group, done, total, isTold }) => {
    const { one, many } = {
      apps: { one: "application", many: "applications" },
      channels: { one: "canal", many: "canaux" },
    }[group];
    const counted = (count: number): string => `${count} ${count < 2 ? one : many}`;
    return isTold ? `${counted(done)} sur ${total}` : counted(total);
  },
  failedSteps: (names, more) => {
    const count = names.length + more;
    const rest = more === 0 ? "" : ` et ${more} ${more === 1 ? "autre" : "autres"}`;
    return count === 1
      ? `Une de ses parties a échoué, selon Graph\u00a0: ${names.join("")}.`
      : `${count} de ses parties ont échoué, selon Graph\u00a0: ${names.join(", ")}${rest}.`;
  },
  partsFailed: (count) => (count < 2 ? `${count} partie en échec` : `${count} parties en échec`),
  slowShort: "plus long que d’habitude",
  stepGroups: { apps: "Application", channels: "Canal" },
  more: (count) => (count < 2 ? `…et ${count} autre` : `…et ${count} autres`),
  facts: {
    status: "État",
    attempts: "Tentatives",
    started: "Début",
    tracked: "Suivi depuis",
    changed: "Dernier changement",
    requester: "Demandé par",
    target: "Cible",
    error: "Erreur",
    detail: "Détail",
    operation: "Opération",
    progress: "Progression",
    kind: "Nature",
    noMessage: "Graph n’a donné aucune raison.",
  },
  support: "Pour le support",
  parts: "Parties",
  timeline: "Chronologie",
  attempt: (count) => `tentative ${count}`,
  buttons: {
    refresh: "Actualiser",
    stop: "Arrêter le suivi",
    details: "Détails",
    open: "Ouvrir",
    link: "Ouvrir le pipeline",
  },
  refreshed: (ageSeconds, checkedAt, waitSeconds) =>
    `Vérifié il y a ${ageSeconds}\u00a0s, le ${checkedAt}. Graph pourra être interrogé de nouveau dans ${waitSeconds}\u00a0s.`,
  refreshedNow: "Graph est interrogé à l’instant. La carte changera s’il y a du nouveau.",
  ping: (mention, title, operation) => `${mention} ${title} · \`${operation}\``,
  pingNobody: (title, operation) => `${title} · \`${operation}\``,
  notice: (mention, name, operation, duration) =>
    `${mention} ${name}\u00a0: c’est plus long que d’habitude, 95 fois sur 100 cela a pris ${duration} au plus. Cela peut encore réussir\u00a0; je continue de surveiller. · \`${operation}\``,

  welcome:
    "Bonjour, je m’appelle Opwatch. Je surveille les opérations Microsoft Graph de longue durée (création, clonage ou archivage d’une équipe, création d’un canal, d’une conversation ou d’une communauté Viva Engage) et je vous dis comment elles se terminent.",
  helpTitle: "Comment utiliser Opwatch",
  help: (mention, example) =>
    [
      `**${mention}track** \`${example}\` — suivre une opération\u00a0; collez son en-tête Location (ou plusieurs à la fois)`,
      `**${mention}list** — ce qui est suivi ici`,
      `**${mention}status** *opération* — les détails d’une opération\u00a0; son adresse ou son ID`,
      `**${mention}stop** *opération* · **${mention}stop all** — arrêter le suivi`,
      `**${mention}alias** *nom* — permet aux pipelines de publier ici sous ce nom`,
      `**${mention}help** — ce texte`,
    ]
      .map((line) => `- ${line}`)
      .join("\n"),
  hint: (mention) =>
    `Je n’ai pas compris. Essayez **${mention}track** suivi de l’en-tête Location d’une opération, ou **${mention}help**.`,
  hintTrack: (mention) =>
    `On dirait une opération. Écrivez **${mention}track** devant et je la surveillerai\u00a0; **${mention}help** explique le reste.`,
  tooLong: (length, max) =>
    `Ce message est long (${length} caractères\u00a0; j’en lis ${max} au plus). Collez uniquement les en-têtes Location.`,
  nothingToTrack: (mention, example) =>
    `Que dois-je suivre\u00a0? Collez l’en-tête Location de l’opération, par exemple\u00a0:\n\n${mention}track \`${example}\``,
  tooMany: (count, max) =>
    `Cela fait ${count} opérations\u00a0; j’en accepte ${max} au plus par message. Répartissez-les sur plusieurs messages.`,
  foreignTenant:
    "Je travaille pour une autre organisation et je ne peux pas interroger Graph sur les opérations de la vôtre. Demandez à votre administrateur de configurer Opwatch pour votre locataire.",
  guest:
    "Les invités ne peuvent pas faire suivre d’opérations ici. Demandez à un membre de cette organisation de le faire\u00a0; vous verrez aussi la carte.",
  unknownPerson:
    "Teams ne m’a pas dit qui vous êtes, je ne peux donc rien suivre pour vous pour le moment. Réessayez dans une minute.",
  bareId: (text) =>
    `\`${text}\` ressemble à l’ID d’une opération. Seul, il ne suffit que dans la conversation ou l’équipe à laquelle l’opération appartient\u00a0; ici, j’ai besoin de son en-tête Location en entier.`,
  denied: {
    notMember: (operation) =>
      `\`${operation}\`\u00a0: seuls les membres de l’équipe ou de la conversation à laquelle elle appartient peuvent la faire suivre.`,
    otherConversation: (operation) =>
      `\`${operation}\` ne peut être suivie que dans la conversation ou l’équipe à laquelle elle appartient.`,
    membersUnknown: (operation) =>
      `\`${operation}\`\u00a0: Graph ne m’a pas dit si vous êtes membre de son équipe ou de sa conversation. Réessayez dans une minute\u00a0; si cela n’aide pas, un administrateur devrait vérifier qu’Opwatch peut lire les membres (TeamMember.Read.All, ChatMember.Read.All).`,
    noMembers: (operation) =>
      `\`${operation}\` n’appartient à aucune équipe ni conversation, et Opwatch est configuré ici pour ne servir que les membres de l’une d’elles.`,
  },
  deniedMore: (count) =>
    `…et ${count} ${count < 2 ? "autre" : "autres"} que vous ne pouvez pas faire suivre.`,
  refusedMore: (count) => `…et ${count} ${count < 2 ? "autre" : "autres"} que je ne peux pas lire.`,
  refused: {
    notAnOperation: (text) => `\`${text}\` n’est pas l’adresse d’une opération.`,
    target: (text) =>
      `\`${text}\` est l’adresse d’une équipe, d’un canal ou d’une autre ressource, pas celle de l’opération qui la crée ou la modifie.`,
    placeholder: (text) =>
      `\`${text}\` contient un espace réservé ou a été tronqué. Collez la valeur entière de la réponse.`,
    metadata: (text) =>
      `\`${text}\` est un @odata.context\u00a0: il ne dit pas de quelle opération il s’agit. Collez l’en-tête Location.`,
    otherCloud: (text) => `\`${text}\` appartient à un autre cloud Microsoft que celui que je surveille.`,
    notInCloud: (text) => `\`${text}\`\u00a0: ce type d’opération n’existe pas dans ce cloud Microsoft.`,
    copyMonitor: () =>
      "C’est l’adresse de suivi d’une copie de fichier. Quiconque la possède peut la consulter sans se connecter\u00a0; je ne l’ai donc ni utilisée ni conservée. Pensez à supprimer votre message. Je ne peux pas surveiller les copies de fichiers.",
    authentication: () =>
      "C’est une opération sur les méthodes d’authentification d’une personne. Graph ne montre ces opérations qu’aux personnes, pas aux applications, et la première réponse peut contenir un mot de passe\u00a0; je ne les surveille donc pas.",
    signedInUser: (text) =>
      `\`${text}\` commence par /me, c’est-à-dire la personne connectée, alors que je suis une application. Écrivez /users/ et l’ID de la personne à la place de /me.`,
    unknownHost: (text) => `\`${text}\` n’est pas sur Microsoft Graph, je ne l’interrogerai donc pas.`,
    malformed: (text) => `\`${text}\` ne peut pas être lu comme une adresse.`,
  },
  expected: (example) =>
    `J’attends l’adresse que Graph a donnée au lancement de l’opération, par exemple \`${example}\`.`,
  already: (title, standing, link) =>
    link === null
      ? `Déjà suivi ici\u00a0: **${title}** — ${standing}. La carte est déjà dans cette conversation.`
      : `Déjà suivi ici\u00a0: **${title}** — ${standing}. [Aller à la carte](${link}).`,
  aliasSet: (name) => `Les pipelines peuvent maintenant publier ici sous le nom \`${name}\`.`,
  aliasTaken: (name) => `Une autre conversation a déjà l’alias \`${name}\`. Choisissez-en un autre.`,
  aliasBad: (mention) =>
    `Un alias compte de 1 à 64 lettres, chiffres, points, tirets ou traits de soulignement, par exemple **${mention}alias** \`provisionnement\`.`,
  aliasList: (names, mention) =>
    names.length === 0
      ? `Cette conversation n’a pas d’alias. **${mention}alias** \`nom\` lui en donne un, pour que les pipelines publient ici.`
      : `Les pipelines peuvent publier ici en tant que ${names.map((name) => `\`${name}\``).join(", ")}. **${mention}alias remove** \`nom\` en retire un.`,
  aliasRemoved: (name) => `L’alias \`${name}\` est supprimé. Les suivis créés avec cet alias sont conservés.`,
  aliasUnknown: (name) => `Cette conversation n’a pas d’alias \`${name}\`.`,
  emptyList: (mention) =>
    `Je ne surveille rien ici. Commencez par **${mention}track** et l’en-tête Location d’une opération.`,
  listHeader: (count) =>
    count < 2 ? "Je surveille une opération ici\u00a0:" : `Je surveille ${count} opérations ici\u00a0:`,
  listLine: (title, standing, requester, operation) =>
    `- **${title}** — ${standing} · suivi demandé par ${requester} · \`${operation}\``,
  listMore: (count) => `…et ${count} ${count < 2 ? "autre" : "autres"}.`,
  whichOne: (command, mention) =>
    `Quelle opération\u00a0? Écrivez **${mention}${command}** et son en-tête Location ou son ID\u00a0; **${mention}list** montre ce qui est suivi ici.`,
  unknownWatch: (text, mention) =>
    `Je ne surveille pas \`${text}\` ici. **${mention}list** montre ce qui est suivi.`,
  stopped: (count) => (count < 2 ? "Le suivi est arrêté." : `Le suivi de ${count} opérations est arrêté.`),
  nothingToStop: "Il n’y avait rien à arrêter ici.",
  alreadyOver: (title, standing) => `Je ne surveille plus cette opération\u00a0: **${title}** — ${standing}.`,
  gone: "Cette carte appartient à un suivi que je ne connais plus.",
  trouble: "Un problème est survenu de mon côté et rien n’a été modifié. Réessayez dans une minute.",
  takesLong: "Cela prend plus de temps que d’habitude. Regardez de nouveau la carte dans une minute.",
};
