import { inSymbols } from "./durations.ts";
import type { Words } from "./words.ts";

export const ES: Words = {
  locale: "es",
  direction: "ltr",
  joins: {
    title: (name, standing) => `${name} — ${standing}`,
    qualified: (text, more) => `${text} (${more})`,
    reason: (title, reason) => `${title}: ${reason}`,
    labelled: (label, value) => `${label}: ${value}`,
    sentences: (sentences) => sentences.join(" "),
    list: (items) => items.join(", "),
    percent: (percent) => `${percent}\u00a0%`,
  },
  you: "usted",
  operationTypes: {
    createTeam: "Creación de equipo",
    cloneTeam: "Clonación de equipo",
    archiveTeam: "Archivado de equipo",
    unarchiveTeam: "Desarchivado de equipo",
    teamifyGroup: "Creación de equipo a partir de un grupo",
    createChannel: "Creación de canal",
    archiveChannel: "Archivado de canal",
    unarchiveChannel: "Desarchivado de canal",
    createChat: "Creación de chat",
    createCommunity: "Creación de comunidad",
    contentTypeCopy: "Copia de tipo de contenido",
    createSimulation: "Creación de simulación de ataque",
    // As Graph's schema spells it.
    createSimualation: "Creación de simulación de ataque",
    updateSimulation: "Actualización de simulación de ataque",
  },
  kinds: {
    team: "Operación de equipo",
    chat: "Operación de chat",
    engagement: "Operación de Viva Engage",
    site: "Operación de SharePoint",
    connection: "Operación de conexión de búsqueda",
    attackSimulation: "Operación de simulación de ataque",
    telephoneNumber: "Operación de números de teléfono",
    roleAlert: "Operación de alertas de roles",
    other: "Operación de Graph",
  },
  // Without a gender: the title before them may have any.
  standings: {
    asking: "consultando a Graph",
    waiting: "pendiente de inicio",
    running: "en curso",
    unrecognised: "estado no reconocido",
    notYetFound: "aún no visible",
    notHere: "no se encuentra aquí",
    ready: "resultado disponible",
    succeeded: "terminó correctamente",
    failed: "terminó con error",
    skipped: "se omitió",
    unavailable: "ya no está disponible",
    notFound: "no se encontró",
    forbidden: "acceso denegado",
    stopped: "seguimiento detenido",
    expired: "aún sin terminar",
  },
  meanings: {
    asking: "Opwatch está consultando a Microsoft Graph por primera vez.",
    waiting: "Graph aceptó la operación, pero todavía no la ha empezado.",
    running: "Graph está trabajando en ella.",
    unrecognised:
      "Graph responde con un estado que no dice nada sobre el final. Opwatch no lo da por final y continúa el seguimiento.",
    notYetFound:
      "Graph todavía no reconoce esta operación. Es habitual en los primeros minutos; Opwatch sigue consultando.",
    notHere:
      "Graph no reconoce ninguna operación con este identificador en este chat o equipo. Si acaba de iniciarse, vuelva a solicitar el seguimiento dentro de un minuto o pegue su encabezado Location completo.",
    ready: "Graph indica que terminó correctamente y Opwatch ha visto el resultado.",
    succeeded:
      "Graph indica que terminó correctamente. El resultado puede tardar unos minutos más en aparecer en todas partes.",
    failed: "Graph indica que la operación terminó con error.",
    skipped: "Graph indica que omitió la operación.",
    unavailable:
      "Graph ya no reconoce esta operación. Es posible que haya terminado correctamente: revise su destino.",
    notFound:
      "Graph no reconoció esta operación en unas 20 comprobaciones. Compare la dirección con el encabezado Location y vuelva a solicitar el seguimiento.",
    forbidden: "Graph no permite que Opwatch lea esta operación. Aún puede terminar correctamente.",
    stopped: "Alguien detuvo el seguimiento. Eso no cambia nada en la operación en sí.",
    expired:
      "Opwatch detuvo el seguimiento tras el tiempo máximo permitido. Eso no significa que la operación haya terminado con error; vuelva a solicitar el seguimiento para continuar.",
  },
  troubles: {
    notFound: (since) => `Graph responde “no encontrado” desde el ${since}.`,
    throttled: (since) => `El ${since}, Graph pidió a Opwatch que esperara antes de la próxima comprobación.`,
    unauthorized: (since) =>
      `Graph rechaza el inicio de sesión de Opwatch desde el ${since}. Un administrador debería revisar las credenciales de la aplicación.`,
    noToken: (since) => `Opwatch no tiene token de acceso desde el ${since}.`,
    refused: (since) => `Graph se niega a responder desde el ${since}. Opwatch sigue consultando.`,
    unavailable: (since) => `Graph no está disponible desde el ${since}. Opwatch sigue consultando.`,
    noAnswer: (since) => `Graph no responde desde el ${since}. Opwatch sigue consultando.`,
    unreadable: (since) =>
      `Las respuestas de Graph no se pueden leer desde el ${since}. Opwatch sigue consultando.`,
  },
  credentialProblems: {
    secretExpired:
      "El secreto de cliente de la aplicación ha expirado: un administrador debería crear uno nuevo en Entra y configurarlo.",
    secretWrong:
      "El secreto de cliente de la aplicación no es correcto: un administrador debería configurar el valor del secreto, no su identificador.",
    certificateRefused:
      "El certificado de la aplicación no está registrado en Entra o ha expirado: un administrador debería cargarlo allí.",
    applicationUnknown:
      "La organización no reconoce la aplicación: un administrador debería concederle allí el consentimiento.",
    tenantUnknown:
      "No se encontró la organización: un administrador debería revisar el identificador del inquilino.",
    blocked:
      "La organización bloquea la aplicación: un administrador debería revisar el acceso condicional y la entidad de servicio de la aplicación.",
    noManagedIdentity:
      "La identidad administrada no respondió: un administrador debería asignarla al entorno donde se ejecuta Opwatch.",
    unreachable:
      "No se puede acceder al servicio de inicio de sesión: un administrador debería revisar la red, el proxy y el firewall.",
    unknown: "Un administrador debería revisar las credenciales de la aplicación.",
  },
  explanations: {
    badRequest:
      "Graph no pudo aceptar lo que se le pidió. Revise la solicitud que inició la operación, sobre todo los nombres, los propietarios y las plantillas.",
    conflict: "Ya existe algo con este nombre o identificador, o alguien más lo está modificando.",
    denied:
      "Quien inició la operación no tenía permiso para hacerla por completo. Revise los permisos de esa aplicación o persona.",
    licence: "Falta una licencia. Revise las licencias de los propietarios y los miembros.",
    quota: "Se alcanzó un límite de la organización, como el número de equipos o de grupos.",
    teamUnavailable:
      "El equipo no estaba disponible: eliminado, archivado o creado a medias. Compruebe si existe antes de iniciar de nuevo la operación.",
    thingMissing:
      "No se encontró algo que la operación necesita. Puede que sea demasiado reciente: espere unos minutos e iníciela de nuevo.",
    throttled: "Graph estaba sobrecargado. Espere unos minutos e inicie de nuevo la operación.",
    unavailable:
      "Falló un servicio detrás de Graph. Compruebe si el resultado ya está antes de iniciar de nuevo la operación: podría crearse por duplicado.",
  },
  permission: (application, rsc, page) => {
    const consent =
      rsc.length === 0 ? "" : `, o agregar Opwatch al chat o equipo con el consentimiento ${rsc.join(" o ")}`;
    return `Un administrador puede conceder el permiso de aplicación ${application.join(" o ")}${consent}. [Página de Microsoft](${page})`;
  },
  permissionUndocumented: (known, page) =>
    `Microsoft no documenta ningún permiso para leerla. Se sabe que sirve el permiso con el que se inició: ${known.join(", ")}. [Página de Microsoft](${page})`,
  permissionUnknown: (page) =>
    `El permiso con el que se inició suele permitir leerla. [Página de Microsoft](${page})`,
  duration: inSymbols,
  usual: (duration) => `Suele terminar en aproximadamente ${duration}.`,
  slow: (duration) =>
    `Tarda más que 95 de cada 100 operaciones de este tipo, que terminaron en ${duration} como máximo. Aún puede terminar correctamente.`,
  unseen: "Opwatch ha buscado el resultado tres veces y todavía no lo ha visto.",
  stepCount: ({ group, done, total, isTold }) => {
    const { one, many } = {
      apps: { one: "aplicación", many: "aplicaciones" },
      channels: { one: "canal", many: "canales" },
    }[group];
    const all = `${total} ${total === 1 ? one : many}`;
    return isTold ? `${done} de ${all}` : all;
  },
  failedSteps: (names, more) => {
    const count = names.length + more;
    const rest = more === 0 ? "" : ` y ${more} más`;
    return count === 1
      ? `Según Graph, falló una de sus partes: ${names.join("")}.`
      : `Según Graph, fallaron ${count} de sus partes: ${names.join(", ")}${rest}.`;
  },
  partsFailed: (count) => (count === 1 ? "1 parte con error" : `${count} partes con error`),
  slowShort: "tarda más de lo habitual",
  stepGroups: { apps: "Aplicación", channels: "Canal" },
  more: (count) => `…y ${count} más`,
  facts: {
    status: "Estado",
    attempts: "Intentos",
    started: "Inicio",
    tracked: "En seguimiento desde",
    changed: "Último cambio",
    requester: "Solicitado por",
    target: "Destino",
    error: "Error",
    detail: "Detalle",
    operation: "Operación",
    progress: "Progreso",
    kind: "Tipo",
    noMessage: "Graph no indicó el motivo.",
  },
  support: "Para el soporte técnico",
  parts: "Partes",
  timeline: "Cronología",
  attempt: (count) => `intento ${count}`,
  buttons: {
    refresh: "Actualizar",
    stop: "Detener seguimiento",
    details: "Detalles",
    open: "Abrir",
    link: "Abrir canalización",
  },
  refreshed: (ageSeconds, checkedAt, waitSeconds) =>
    `Última comprobación hace ${ageSeconds}\u00a0s, el ${checkedAt}. Se podrá consultar de nuevo a Graph dentro de ${waitSeconds}\u00a0s.`,
  refreshedNow: "Se está consultando a Graph. La tarjeta cambiará si hay alguna novedad.",
  ping: (mention, title, operation) => `${mention} ${title} · \`${operation}\``,
  pingNobody: (title, operation) => `${title} · \`${operation}\``,
  notice: (mention, name, operation, duration) =>
    `${mention} ${name}: tarda más de lo habitual; 95 de cada 100 terminaron en ${duration} como máximo. Aún puede terminar correctamente; continúo el seguimiento. · \`${operation}\``,

  welcome:
    "Hola, soy Opwatch. Sigo las operaciones de larga duración de Microsoft Graph (crear, clonar o archivar un equipo; crear un canal, un chat o una comunidad de Viva Engage) y le digo cómo terminan.",
  helpTitle: "Cómo usar Opwatch",
  help: (mention, example) =>
    [
      `**${mention}track** \`${example}\` — seguir una operación; pegue su encabezado Location (o varios a la vez)`,
      `**${mention}list** — qué se está siguiendo aquí`,
      `**${mention}status** *operación* — los datos de una operación; su dirección o su identificador`,
      `**${mention}stop** *operación* · **${mention}stop all** — detener el seguimiento`,
      `**${mention}alias** *nombre* — permite que las canalizaciones publiquen aquí con ese nombre`,
      `**${mention}help** — este texto`,
    ]
      .map((line) => `- ${line}`)
      .join("\n"),
  hint: (mention) =>
    `No lo he entendido. Pruebe con **${mention}track** seguido del encabezado Location de una operación, o con **${mention}help**.`,
  hintTrack: (mention) =>
    `Parece una operación. Escriba **${mention}track** delante y la seguiré; **${mention}help** explica lo demás.`,
  tooLong: (length, max) =>
    `El mensaje es largo (${length} caracteres; leo hasta ${max}). Pegue solo los encabezados Location.`,
  nothingToTrack: (mention, example) =>
    `¿Qué operación debo seguir? Pegue su encabezado Location, por ejemplo:\n\n${mention}track \`${example}\``,
  tooMany: (count, max) =>
    `Son ${count} operaciones; acepto hasta ${max} por mensaje. Repártalas en varios mensajes.`,
  foreignTenant:
    "Trabajo para otra organización y no puedo consultar a Graph las operaciones de la suya. Pida a su administrador que configure Opwatch para su inquilino.",
  guest:
    "Los invitados no pueden solicitar el seguimiento de operaciones aquí. Pídaselo a un miembro de esta organización; usted también verá la tarjeta.",
  unknownPerson:
    "Teams no me ha dicho quién es usted, así que ahora mismo no puedo seguir nada para usted. Inténtelo de nuevo dentro de un minuto.",
  bareId: (text) =>
    `\`${text}\` parece el identificador de una operación. Por sí solo, únicamente sirve en el chat o equipo al que pertenece la operación; aquí necesito su encabezado Location completo.`,
  denied: {
    notMember: (operation) =>
      `\`${operation}\`: solo los miembros del equipo o chat al que pertenece pueden solicitar su seguimiento.`,
    otherConversation: (operation) =>
      `\`${operation}\` solo se puede seguir en el chat o equipo al que pertenece.`,
    membersUnknown: (operation) =>
      `\`${operation}\`: Graph no me ha dicho si usted es miembro de su equipo o chat. Inténtelo de nuevo dentro de un minuto; si no funciona, un administrador debería comprobar que Opwatch puede leer los miembros (TeamMember.Read.All, ChatMember.Read.All).`,
    noMembers: (operation) =>
      `\`${operation}\` no pertenece a ningún equipo ni chat, y aquí Opwatch está configurado para atender solo a los miembros de alguno.`,
  },
  deniedMore: (count) => `…y ${count} más cuyo seguimiento no puede solicitar.`,
  refusedMore: (count) => `…y ${count} más que no puedo leer.`,
  refused: {
    notAnOperation: (text) => `\`${text}\` no es la dirección de una operación.`,
    target: (text) =>
      `\`${text}\` es la dirección de un equipo, un canal u otro recurso, no la de la operación que lo crea o lo modifica.`,
    placeholder: (text) =>
      `\`${text}\` contiene un marcador de posición o está cortado. Pegue el valor completo de la respuesta.`,
    metadata: (text) =>
      `\`${text}\` es un @odata.context: no indica de qué operación se trata. Pegue el encabezado Location.`,
    otherCloud: (text) => `\`${text}\` pertenece a una nube de Microsoft distinta de la que sigo.`,
    notInCloud: (text) => `\`${text}\`: esta nube de Microsoft no tiene ese tipo de operación.`,
    copyMonitor: () =>
      "Esa es la dirección con la que se supervisa la copia de un archivo. Quien la tenga puede leerla sin iniciar sesión, así que no la he usado ni guardado, y quizá le convenga eliminar su mensaje. No puedo seguir copias de archivos.",
    authentication: () =>
      "Esa es una operación sobre los métodos de autenticación de alguien. Graph solo las muestra a personas, no a aplicaciones, y su primera respuesta puede contener una contraseña, así que no las sigo.",
    signedInUser: (text) =>
      `\`${text}\` empieza por /me, que es la persona que ha iniciado sesión, y yo soy una aplicación. Escriba /users/ y el identificador de la persona en lugar de /me.`,
    unknownHost: (text) => `\`${text}\` no está en Microsoft Graph, así que no consultaré allí.`,
    malformed: (text) => `\`${text}\` no se puede leer como una dirección.`,
  },
  expected: (example) =>
    `Espero la dirección que Graph dio al iniciarse la operación, por ejemplo \`${example}\`.`,
  already: (title, standing, link) =>
    link === null
      ? `Ya estoy siguiendo esto aquí: **${title}** — ${standing}. Su tarjeta ya está en esta conversación.`
      : `Ya estoy siguiendo esto aquí: **${title}** — ${standing}. [Ir a su tarjeta](${link}).`,
  aliasSet: (name) => `Las canalizaciones ya pueden publicar aquí como \`${name}\`.`,
  aliasTaken: (name) => `Otra conversación ya tiene el alias \`${name}\`. Elija otro.`,
  aliasBad: (mention) =>
    `Un alias tiene de 1 a 64 letras, dígitos, puntos, guiones o guiones bajos, por ejemplo **${mention}alias** \`aprovisionamiento\`.`,
  aliasList: (names, mention) =>
    names.length === 0
      ? `Esta conversación no tiene ningún alias. **${mention}alias** \`nombre\` le da uno, para que las canalizaciones publiquen aquí.`
      : `Las canalizaciones pueden publicar aquí como ${names.map((name) => `\`${name}\``).join(", ")}. **${mention}alias remove** \`nombre\` quita uno.`,
  aliasRemoved: (name) => `Se quitó el alias \`${name}\`. Los seguimientos creados con él se mantienen.`,
  aliasUnknown: (name) => `Esta conversación no tiene el alias \`${name}\`.`,
  emptyList: (mention) =>
    `No estoy siguiendo nada aquí. Empiece con **${mention}track** y el encabezado Location de una operación.`,
  listHeader: (count) =>
    count === 1 ? "Estoy siguiendo una operación aquí:" : `Estoy siguiendo ${count} operaciones aquí:`,
  listLine: (title, standing, requester, operation) =>
    `- **${title}** — ${standing} · a petición de ${requester} · \`${operation}\``,
  listMore: (count) => `…y ${count} más.`,
  whichOne: (command, mention) =>
    `¿Qué operación? Escriba **${mention}${command}** y su encabezado Location o identificador; **${mention}list** muestra qué se está siguiendo aquí.`,
  unknownWatch: (text, mention) =>
    `No estoy siguiendo \`${text}\` aquí. **${mention}list** muestra qué se está siguiendo.`,
  stopped: (count) =>
    count === 1 ? "Seguimiento detenido." : `Seguimiento detenido en ${count} operaciones.`,
  nothingToStop: "No había nada que detener aquí.",
  alreadyOver: (title, standing) => `Ya no estoy siguiendo esta operación: **${title}** — ${standing}.`,
  gone: "Esta tarjeta pertenece a un seguimiento que ya no tengo registrado.",
  trouble: "Se produjo un problema por mi parte y no se cambió nada. Inténtelo de nuevo dentro de un minuto.",
  takesLong: "Esto tarda más de lo habitual. Vuelva a mirar la tarjeta dentro de un minuto.",
};
