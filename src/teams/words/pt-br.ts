import { inSymbols } from "./durations.ts";
import type { Words } from "./words.ts";

export const PT_BR: Words = {
  locale: "pt-BR",
  direction: "ltr",
  joins: {
    title: (name, standing) => `${name} — ${standing}`,
    qualified: (text, more) => `${text} (${more})`,
    reason: (title, reason) => `${title}: ${reason}`,
    labelled: (label, value) => `${label}: ${value}`,
    sentences: (sentences) => sentences.join(" "),
    list: (items) => items.join(", "),
    percent: (percent) => `${percent}%`,
  },
  you: "você",
  operationTypes: {
    createTeam: "Criação de equipe",
    cloneTeam: "Clonagem de equipe",
    archiveTeam: "Arquivamento de equipe",
    unarchiveTeam: "Desarquivamento de equipe",
    teamifyGroup: "Criação de equipe a partir de um grupo",
    createChannel: "Criação de canal",
    archiveChannel: "Arquivamento de canal",
    unarchiveChannel: "Desarquivamento de canal",
    createChat: "Criação de chat",
    createCommunity: "Criação de comunidade",
    contentTypeCopy: "Cópia de tipo de conteúdo",
    createSimulation: "Criação de simulação de ataque",
    // As Graph's schema spells it.
    createSimualation: "Criação de simulação de ataque",
    updateSimulation: "Atualização de simulação de ataque",
  },
  kinds: {
    team: "Operação de equipe",
    chat: "Operação de chat",
    engagement: "Operação do Viva Engage",
    site: "Operação do SharePoint",
    connection: "Operação de conexão de pesquisa",
    attackSimulation: "Operação de simulação de ataque",
    telephoneNumber: "Operação de números de telefone",
    roleAlert: "Operação de alertas de função",
    other: "Operação do Graph",
  },
  // Without a gender, because the title before them may have any; the feminine ones are said of the operation.
  standings: {
    asking: "consultando o Graph",
    waiting: "aguardando início",
    running: "em andamento",
    unrecognised: "status não reconhecido",
    notYetFound: "ainda não visível",
    notHere: "não encontrada aqui",
    ready: "resultado disponível",
    succeeded: "terminou com êxito",
    failed: "falhou",
    skipped: "ignorada",
    unavailable: "não está mais disponível",
    notFound: "não encontrada",
    forbidden: "acesso negado",
    stopped: "acompanhamento interrompido",
    expired: "ainda não terminou",
  },
  meanings: {
    asking: "O Opwatch está consultando o Microsoft Graph pela primeira vez.",
    waiting: "O Graph aceitou a operação, mas ainda não a iniciou.",
    running: "O Graph está trabalhando nela.",
    unrecognised:
      "O Graph responde com um status que não diz nada sobre o fim. O Opwatch não o considera um fim e continua acompanhando.",
    notYetFound:
      "O Graph ainda não reconhece esta operação. Isso é comum nos primeiros minutos; o Opwatch continua consultando.",
    notHere:
      "O Graph não reconhece nenhuma operação com esta ID neste chat ou equipe. Se ela acabou de ser iniciada, peça o acompanhamento de novo daqui a um minuto ou cole o cabeçalho Location inteiro.",
    ready: "O Graph informa que a operação terminou com êxito, e o Opwatch já viu o resultado.",
    succeeded:
      "O Graph informa que a operação terminou com êxito. O resultado pode levar mais alguns minutos para aparecer em todos os lugares.",
    failed: "O Graph informa que a operação falhou.",
    skipped: "O Graph informa que ignorou a operação.",
    unavailable:
      "O Graph não reconhece mais esta operação. Talvez ela tenha tido êxito: verifique o destino.",
    notFound:
      "O Graph não reconheceu esta operação em cerca de 20 verificações. Compare o endereço com o cabeçalho Location e peça o acompanhamento de novo.",
    forbidden: "O Graph não permite que o Opwatch leia esta operação. Ela ainda pode ter êxito.",
    stopped: "Alguém interrompeu o acompanhamento. Isso não muda nada na operação em si.",
    expired:
      "O Opwatch encerrou o acompanhamento após o tempo máximo permitido. Isso não significa que a operação falhou; peça o acompanhamento de novo para continuar.",
  },
  troubles: {
    notFound: (since) => `O Graph responde “não encontrado” desde ${since}.`,
    throttled: (since) => `Em ${since}, o Graph pediu ao Opwatch que esperasse antes da próxima verificação.`,
    unauthorized: (since) =>
      `O Graph recusa a autenticação do Opwatch desde ${since}. Um administrador deve verificar a credencial do aplicativo.`,
    noToken: (since) => `O Opwatch está sem token de acesso desde ${since}.`,
    refused: (since) => `O Graph se recusa a responder desde ${since}. O Opwatch continua consultando.`,
    unavailable: (since) => `O Graph está indisponível desde ${since}. O Opwatch continua consultando.`,
    noAnswer: (since) => `O Graph não responde desde ${since}. O Opwatch continua consultando.`,
    unreadable: (since) =>
      `Não é possível ler as respostas do Graph desde ${since}. O Opwatch continua consultando.`,
  },
  credentialProblems: {
    secretExpired:
      "O segredo do cliente do aplicativo expirou: um administrador deve criar outro no Entra e configurá-lo.",
    secretWrong:
      "O segredo do cliente do aplicativo está incorreto: um administrador deve configurar o valor do segredo, não a ID dele.",
    certificateRefused:
      "O certificado do aplicativo não está registrado no Entra ou expirou: um administrador deve carregá-lo lá.",
    applicationUnknown:
      "A organização não reconhece o aplicativo: um administrador deve conceder o consentimento a ele nessa organização.",
    tenantUnknown: "A organização não foi encontrada: um administrador deve verificar a ID do locatário.",
    blocked:
      "A organização bloqueia o aplicativo: um administrador deve verificar o Acesso Condicional e a entidade de serviço do aplicativo.",
    noManagedIdentity:
      "A identidade gerenciada não respondeu: um administrador deve atribuí-la ao ambiente em que o Opwatch é executado.",
    unreachable:
      "Não é possível acessar o serviço de autenticação: um administrador deve verificar a rede, o proxy e o firewall.",
    unknown: "Um administrador deve verificar a credencial do aplicativo.",
  },
  explanations: {
    badRequest:
      "O Graph não pôde aceitar o que foi pedido. Verifique a solicitação que iniciou a operação, principalmente nomes, proprietários e modelos.",
    conflict: "Já existe algo com este nome ou ID, ou outra pessoa está fazendo alterações nisso.",
    denied:
      "Quem iniciou a operação não tinha permissão para executá-la por completo. Verifique as permissões desse aplicativo ou dessa pessoa.",
    licence: "Falta uma licença. Verifique as licenças dos proprietários e dos membros.",
    quota: "Um limite da organização foi atingido, como o número de equipes ou de grupos.",
    teamUnavailable:
      "A equipe não estava lá: excluída, arquivada ou criada pela metade. Veja se ela existe antes de iniciar a operação de novo.",
    thingMissing:
      "Algo de que a operação precisa não foi encontrado. Talvez seja recente demais: espere alguns minutos e inicie a operação de novo.",
    throttled: "O Graph estava sobrecarregado. Espere alguns minutos e inicie a operação de novo.",
    unavailable:
      "Um serviço por trás do Graph falhou. Veja se o resultado já existe antes de iniciar a operação de novo: ele poderia ser criado em duplicidade.",
  },
  permission: (application, rsc, page) => {
    const consent =
      rsc.length === 0
        ? ""
        : `, ou adicionar o Opwatch ao chat ou à equipe com o consentimento ${rsc.join(" ou ")}`;
    return `Um administrador pode conceder a permissão de aplicativo ${application.join(" ou ")}${consent}. [Página da Microsoft](${page})`;
  },
  permissionUndocumented: (known, page) =>
    `A Microsoft não documenta nenhuma permissão para a leitura. Sabe-se que funciona a permissão que iniciou a operação: ${known.join(", ")}. [Página da Microsoft](${page})`,
  permissionUnknown: (page) =>
    `A permissão que iniciou a operação costuma permitir a leitura. [Página da Microsoft](${page})`,
  duration: inSymbols,
  usual: (duration) => `Costuma terminar em cerca de ${duration}.`,
  slow: (duration) =>
    `Mais lenta que 95 de cada 100 operações desse tipo, que terminaram em até ${duration}. Ela ainda pode ter êxito.`,
  unseen: "O Opwatch procurou o resultado três vezes e ainda não o viu.",
  stepCount: ({ group, done, total, isTold }) => {
    const { one, many } = {
      apps: { one: "aplicativo", many: "aplicativos" },
      channels: { one: "canal", many: "canais" },
    }[group];
    const all = `${total} ${total === 1 ? one : many}`;
    return isTold ? `${done} de ${all}` : all;
  },
  failedSteps: (names, more) => {
    const count = names.length + more;
    const rest = more === 0 ? "" : ` e mais ${more}`;
    return count === 1
      ? `Segundo o Graph, uma das partes falhou: ${names.join("")}.`
      : `Segundo o Graph, ${count} das partes falharam: ${names.join(", ")}${rest}.`;
  },
  partsFailed: (count) => (count === 1 ? "1 parte falhou" : `${count} partes falharam`),
  slowShort: "demorando mais que o normal",
  stepGroups: { apps: "Aplicativo", channels: "Canal" },
  more: (count) => `…e mais ${count}`,
  facts: {
    status: "Status",
    attempts: "Tentativas",
    started: "Início",
    tracked: "Acompanhado desde",
    changed: "Última alteração",
    requester: "Solicitado por",
    target: "Destino",
    error: "Erro",
    detail: "Detalhe",
    operation: "Operação",
    progress: "Progresso",
    kind: "Tipo",
    noMessage: "O Graph não informou o motivo.",
  },
  support: "Para o suporte",
  parts: "Partes",
  timeline: "Linha do tempo",
  attempt: (count) => `tentativa ${count}`,
  buttons: {
    refresh: "Atualizar",
    stop: "Parar de acompanhar",
    details: "Detalhes",
    open: "Abrir",
    link: "Abrir pipeline",
  },
  refreshed: (ageSeconds, checkedAt, waitSeconds) =>
    `Verificado há ${ageSeconds}\u00a0s, em ${checkedAt}. O Graph poderá ser consultado de novo daqui a ${waitSeconds}\u00a0s.`,
  refreshedNow: "Consultando o Graph agora. O cartão mudará se houver novidade.",
  ping: (mention, title, operation) => `${mention} ${title} · \`${operation}\``,
  pingNobody: (title, operation) => `${title} · \`${operation}\``,
  notice: (mention, name, operation, duration) =>
    `${mention} ${name}: está demorando mais que o normal; 95 de cada 100 terminaram em até ${duration}. Ainda pode ter êxito; continuo acompanhando. · \`${operation}\``,

  welcome:
    "Olá, eu sou o Opwatch. Acompanho operações de longa duração do Microsoft Graph (criar, clonar ou arquivar uma equipe; criar um canal, um chat ou uma comunidade do Viva Engage) e aviso como elas terminam.",
  helpTitle: "Como usar o Opwatch",
  help: (mention, example) =>
    [
      `**${mention}track** \`${example}\` — acompanhar uma operação; cole o cabeçalho Location dela (ou vários de uma vez)`,
      `**${mention}list** — o que está sendo acompanhado aqui`,
      `**${mention}status** *operação* — os dados de uma operação; o endereço ou a ID dela`,
      `**${mention}stop** *operação* · **${mention}stop all** — parar de acompanhar`,
      `**${mention}alias** *nome* — permite que pipelines publiquem aqui com esse nome`,
      `**${mention}help** — este texto`,
    ]
      .map((line) => `- ${line}`)
      .join("\n"),
  hint: (mention) =>
    `Não entendi. Experimente **${mention}track** seguido do cabeçalho Location de uma operação, ou **${mention}help**.`,
  hintTrack: (mention) =>
    `Isso parece uma operação. Escreva **${mention}track** antes dela e eu a acompanho; **${mention}help** explica o resto.`,
  tooLong: (length, max) =>
    `A mensagem é longa (${length} caracteres; leio até ${max}). Cole apenas os cabeçalhos Location.`,
  nothingToTrack: (mention, example) =>
    `O que devo acompanhar? Cole o cabeçalho Location da operação, por exemplo:\n\n${mention}track \`${example}\``,
  tooMany: (count, max) =>
    `São ${count} operações; aceito até ${max} por mensagem. Divida-as em várias mensagens.`,
  foreignTenant:
    "Atendo outra organização e não posso consultar no Graph as operações da sua. Peça ao seu administrador que configure o Opwatch para o seu locatário.",
  guest:
    "Convidados não podem pedir o acompanhamento de operações aqui. Peça a um membro desta organização; você também verá o cartão.",
  unknownPerson:
    "O Teams não me informou quem é você, então não consigo acompanhar nada para você agora. Tente de novo daqui a um minuto.",
  bareId: (text) =>
    `\`${text}\` parece a ID de uma operação. Sozinha, ela só funciona no chat ou na equipe a que a operação pertence; aqui preciso do cabeçalho Location inteiro.`,
  denied: {
    notMember: (operation) =>
      `\`${operation}\`: só membros da equipe ou do chat a que ela pertence podem pedir o acompanhamento.`,
    otherConversation: (operation) =>
      `\`${operation}\` só pode ser acompanhada no chat ou na equipe a que pertence.`,
    membersUnknown: (operation) =>
      `\`${operation}\`: o Graph não me informou se você é membro da equipe ou do chat dela. Tente de novo daqui a um minuto; se não adiantar, um administrador deve verificar se o Opwatch pode ler os membros (TeamMember.Read.All, ChatMember.Read.All).`,
    noMembers: (operation) =>
      `\`${operation}\` não pertence a nenhuma equipe ou chat, e aqui o Opwatch está configurado para atender só aos membros de um deles.`,
  },
  deniedMore: (count) => `…e mais ${count} que você não pode acompanhar.`,
  refusedMore: (count) => `…e mais ${count} que não consigo ler.`,
  refused: {
    notAnOperation: (text) => `\`${text}\` não é o endereço de uma operação.`,
    target: (text) =>
      `\`${text}\` é o endereço de uma equipe, um canal ou outro recurso, não o da operação que o cria ou altera.`,
    placeholder: (text) =>
      `\`${text}\` contém um espaço reservado ou foi cortado. Cole o valor inteiro da resposta.`,
    metadata: (text) =>
      `\`${text}\` é um @odata.context: não diz qual é a operação. Cole o cabeçalho Location.`,
    otherCloud: (text) => `\`${text}\` pertence a uma nuvem da Microsoft diferente da que eu acompanho.`,
    notInCloud: (text) => `\`${text}\`: esta nuvem da Microsoft não tem esse tipo de operação.`,
    copyMonitor: () =>
      "Esse é o endereço em que se monitora a cópia de um arquivo. Quem o tiver pode lê-lo sem se autenticar, por isso não o usei nem o guardei, e talvez você queira excluir sua mensagem. Não consigo acompanhar cópias de arquivos.",
    authentication: () =>
      "Essa é uma operação sobre os métodos de autenticação de alguém. O Graph só as mostra a pessoas, não a aplicativos, e a primeira resposta pode conter uma senha; por isso não as acompanho.",
    signedInUser: (text) =>
      `\`${text}\` começa com /me, que é a pessoa conectada, e eu sou um aplicativo. Escreva /users/ e a ID da pessoa no lugar de /me.`,
    unknownHost: (text) => `\`${text}\` não está no Microsoft Graph, então não vou consultar esse endereço.`,
    malformed: (text) => `Não é possível ler \`${text}\` como um endereço.`,
  },
  expected: (example) =>
    `Espero o endereço que o Graph informou quando a operação foi iniciada, por exemplo \`${example}\`.`,
  already: (title, standing, link) =>
    link === null
      ? `Já estou acompanhando isso aqui: **${title}** — ${standing}. O cartão já está nesta conversa.`
      : `Já estou acompanhando isso aqui: **${title}** — ${standing}. [Ir para o cartão](${link}).`,
  aliasSet: (name) => `Agora os pipelines podem publicar aqui como \`${name}\`.`,
  aliasTaken: (name) => `Outra conversa já tem o alias \`${name}\`. Escolha outro.`,
  aliasBad: (mention) =>
    `Um alias tem de 1 a 64 letras, dígitos, pontos, hifens ou sublinhados, por exemplo **${mention}alias** \`provisionamento\`.`,
  aliasList: (names, mention) =>
    names.length === 0
      ? `Esta conversa não tem alias. **${mention}alias** \`nome\` dá um a ela, para que pipelines publiquem aqui.`
      : `Os pipelines podem publicar aqui como ${names.map((name) => `\`${name}\``).join(", ")}. **${mention}alias remove** \`nome\` remove um.`,
  aliasRemoved: (name) => `O alias \`${name}\` foi removido. Os acompanhamentos criados com ele continuam.`,
  aliasUnknown: (name) => `Esta conversa não tem o alias \`${name}\`.`,
  emptyList: (mention) =>
    `Não estou acompanhando nada aqui. Comece com **${mention}track** e o cabeçalho Location de uma operação.`,
  listHeader: (count) =>
    count === 1 ? "Estou acompanhando uma operação aqui:" : `Estou acompanhando ${count} operações aqui:`,
  listLine: (title, standing, requester, operation) =>
    `- **${title}** — ${standing} · a pedido de ${requester} · \`${operation}\``,
  listMore: (count) => `…e mais ${count}.`,
  whichOne: (command, mention) =>
    `Qual operação? Escreva **${mention}${command}** e o cabeçalho Location ou a ID dela; **${mention}list** mostra o que está sendo acompanhado aqui.`,
  unknownWatch: (text, mention) =>
    `Não estou acompanhando \`${text}\` aqui. **${mention}list** mostra o que está sendo acompanhado.`,
  stopped: (count) =>
    count === 1 ? "Parei de acompanhar a operação." : `Parei de acompanhar ${count} operações.`,
  nothingToStop: "Não havia nada para parar aqui.",
  alreadyOver: (title, standing) => `Não estou mais acompanhando: **${title}** — ${standing}.`,
  gone: "Este cartão pertence a um acompanhamento que não tenho mais registrado.",
  trouble: "Algo deu errado do meu lado e nada foi alterado. Tente de novo daqui a um minuto.",
  takesLong: "Isso está demorando mais do que o normal. Veja o cartão novamente em um minuto.",
};
