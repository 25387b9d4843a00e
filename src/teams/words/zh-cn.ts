import type { Words } from "./words.ts";

/**
 * Latin text and Chinese characters are parted by a space. Bold text needs that, or full-width
 * punctuation, before it: `**@` next to a character is not read as bold.
 */
export const ZH_CN: Words = {
  locale: "zh-CN",
  direction: "ltr",
  joins: {
    title: (name, standing) => `${name} — ${standing}`,
    qualified: (text, more) => `${text}（${more}）`,
    reason: (title, reason) => `${title}：${reason}`,
    labelled: (label, value) => `${label}：${value}`,
    sentences: (sentences) => sentences.join(""),
    list: (items) => items.join("、"),
    percent: (percent) => `${percent}%`,
  },
  you: "您",
  operationTypes: {
    createTeam: "创建团队",
    cloneTeam: "克隆团队",
    archiveTeam: "存档团队",
    unarchiveTeam: "取消存档团队",
    teamifyGroup: "从组创建团队",
    createChannel: "创建频道",
    archiveChannel: "存档频道",
    unarchiveChannel: "取消存档频道",
    createChat: "创建聊天",
    createCommunity: "创建社区",
    contentTypeCopy: "复制内容类型",
    createSimulation: "创建攻击模拟",
    // As Graph's schema spells it.
    createSimualation: "创建攻击模拟",
    updateSimulation: "更新攻击模拟",
  },
  kinds: {
    team: "团队操作",
    chat: "聊天操作",
    engagement: "Viva Engage 操作",
    site: "SharePoint 操作",
    connection: "搜索连接操作",
    attackSimulation: "攻击模拟操作",
    telephoneNumber: "电话号码操作",
    roleAlert: "角色警报操作",
    other: "Graph 操作",
  },
  standings: {
    asking: "正在查询 Graph",
    waiting: "等待开始",
    running: "进行中",
    unrecognised: "无法识别的状态",
    notYetFound: "尚未出现",
    notHere: "此处未找到",
    ready: "已就绪",
    succeeded: "成功",
    failed: "失败",
    skipped: "已跳过",
    unavailable: "不再可用",
    notFound: "未找到",
    forbidden: "访问被拒绝",
    stopped: "已停止跟踪",
    expired: "尚未完成",
  },
  meanings: {
    asking: "Opwatch 正在首次查询 Microsoft Graph。",
    waiting: "Graph 已接受该操作，但尚未开始执行。",
    running: "Graph 正在执行该操作。",
    unrecognised: "Graph 返回的状态看不出操作是否已结束。Opwatch 不视其为结束，会继续跟踪。",
    notYetFound: "Graph 还查不到此操作。这在最初几分钟内很常见；Opwatch 会继续查询。",
    notHere:
      "Graph 在此聊天或团队中查不到具有此 ID 的操作。如果操作刚刚启动，请一分钟后重新跟踪，或粘贴完整的 Location。",
    ready: "Graph 报告操作成功，Opwatch 也已看到结果。",
    succeeded: "Graph 报告操作成功。结果可能还需要几分钟才会在各处显示。",
    failed: "Graph 报告操作失败。",
    skipped: "Graph 报告已跳过该操作。",
    unavailable: "Graph 已查不到此操作。它可能已经成功：请查看其目标。",
    notFound: "查询约 20 次后，Graph 仍查不到此操作。请将地址与 Location 标头核对，然后重新跟踪。",
    forbidden: "Graph 不允许 Opwatch 读取此操作。操作本身仍可能成功。",
    stopped: "有人停止了跟踪。操作本身不受影响。",
    expired: "已达到允许的最长时间，Opwatch 停止了跟踪。这并不表示操作失败；要继续，请重新跟踪。",
  },
  troubles: {
    notFound: (since) => `自 ${since} 起，Graph 一直返回“未找到”。`,
    throttled: (since) => `Graph 于 ${since} 要求 Opwatch 稍候再进行下一次查询。`,
    unauthorized: (since) => `自 ${since} 起，Graph 一直拒绝 Opwatch 登录。管理员应检查该应用程序的凭据。`,
    noToken: (since) => `自 ${since} 起，Opwatch 一直没有访问令牌。`,
    refused: (since) => `自 ${since} 起，Graph 一直拒绝答复。Opwatch 会继续查询。`,
    unavailable: (since) => `自 ${since} 起，Graph 一直不可用。Opwatch 会继续查询。`,
    noAnswer: (since) => `自 ${since} 起，Graph 一直没有响应。Opwatch 会继续查询。`,
    unreadable: (since) => `自 ${since} 起，Graph 的响应一直无法读取。Opwatch 会继续查询。`,
  },
  credentialProblems: {
    secretExpired: "该应用程序的客户端密码已过期：管理员应在 Entra 中新建一个并进行设置。",
    secretWrong: "该应用程序的客户端密码不正确：管理员应设置密码的值，而不是其 ID。",
    certificateRefused: "该应用程序的证书未在 Entra 中注册，或已过期：管理员应在 Entra 中上传证书。",
    applicationUnknown: "该组织中没有此应用程序：管理员应在该组织中授予同意。",
    tenantUnknown: "未找到该组织：管理员应检查租户 ID。",
    blocked: "该组织阻止了此应用程序：管理员应检查条件访问和该应用程序的服务主体。",
    noManagedIdentity: "托管标识没有响应：管理员应将其分配给 Opwatch 的运行环境。",
    unreachable: "无法连接到登录服务：管理员应检查网络、代理和防火墙。",
    unknown: "管理员应检查该应用程序的凭据。",
  },
  explanations: {
    badRequest: "Graph 无法接受所请求的内容。请检查启动该操作的请求，尤其是名称、所有者和模板。",
    conflict: "已存在使用此名称或 ID 的对象，或者其他人正在更改它。",
    denied: "启动该操作的应用或人员无权完成全部内容。请检查其权限。",
    licence: "缺少许可证。请检查所有者和成员的许可证。",
    quota: "已达到组织的某项上限，例如团队数或组数。",
    teamUnavailable:
      "团队不存在：可能已被删除、已存档，或未创建完成。再次启动操作之前，请先确认团队是否存在。",
    thingMissing: "未找到操作所需的对象。它可能刚刚创建：请等待几分钟，然后再次启动操作。",
    throttled: "Graph 当时过于繁忙。请等待几分钟，然后再次启动操作。",
    unavailable: "Graph 依赖的某项服务出现故障。再次启动之前，请先确认结果是否已存在，以免重复创建。",
  },
  permission: (application, rsc, page) => {
    const consent =
      rsc.length === 0 ? "" : `，或在同意 ${rsc.join(" 或 ")} 的情况下将 Opwatch 添加到该聊天或团队`;
    return `管理员可以授予应用程序权限 ${application.join(" 或 ")}${consent}。[Microsoft 的页面](${page})`;
  },
  permissionUndocumented: (known, page) =>
    `Microsoft 的文档未说明读取它所需的权限。已知启动该操作的权限可用于读取：${known.join("、")}。[Microsoft 的页面](${page})`,
  permissionUnknown: (page) => `启动该操作的权限通常也可用于读取。[Microsoft 的页面](${page})`,
  duration: (ms) => {
    if (ms < 90_000) return `${Math.max(Math.round(ms / 1000), 1)} 秒`;
    return ms < 5_400_000 ? `${Math.round(ms / 60_000)} 分钟` : `${Math.round(ms / 3_600_000)} 小时`;
  },
  usual: (duration) => `通常在约 ${duration}内完成。`,
  slow: (duration) => `同类操作每 100 个中有 95 个在 ${duration}内完成，此操作已超过这一时间，但仍可能成功。`,
  unseen: "Opwatch 已查找结果三次，但尚未看到。",
  stepCount: ({ group, done, total, isTold }) => {
    const one = { apps: "应用", channels: "频道" }[group];
    return isTold ? `${one} ${done}/${total}` : `${total} 个${one}`;
  },
  failedSteps: (names, more) => {
    const rest = more === 0 ? "" : `，以及另外 ${more} 个`;
    return `据 Graph 报告，其中 ${names.length + more} 个部分失败：${names.join("、")}${rest}。`;
  },
  partsFailed: (count) => `${count} 个部分失败`,
  slowShort: "比平时慢",
  stepGroups: { apps: "应用", channels: "频道" },
  more: (count) => `…还有 ${count} 个`,
  facts: {
    status: "状态",
    attempts: "尝试次数",
    started: "开始时间",
    tracked: "跟踪开始时间",
    changed: "更改时间",
    requester: "请求者",
    target: "目标",
    error: "错误",
    detail: "详情",
    operation: "操作",
    progress: "进度",
    kind: "类型",
    noMessage: "Graph 未说明原因。",
  },
  support: "技术支持信息",
  parts: "组成部分",
  timeline: "时间线",
  attempt: (count) => `第 ${count} 次尝试`,
  buttons: {
    refresh: "刷新",
    stop: "停止跟踪",
    details: "详细信息",
    open: "打开",
    link: "打开管道",
  },
  refreshed: (ageSeconds, checkedAt, waitSeconds) =>
    `${ageSeconds} 秒前（${checkedAt}）已查询。${waitSeconds} 秒后可再次查询 Graph。`,
  refreshedNow: "正在查询 Graph。如有新情况，卡片会随之更新。",
  ping: (mention, title, operation) => `${mention} ${title} · \`${operation}\``,
  pingNobody: (title, operation) => `${title} · \`${operation}\``,
  notice: (mention, name, operation, duration) =>
    `${mention} “${name}”用时比平时长：每 100 个中有 95 个在 ${duration}内完成。它仍可能成功，我会继续跟踪。 · \`${operation}\``,

  welcome:
    "您好，我是 Opwatch。我会跟踪长时间运行的 Microsoft Graph 操作（创建、克隆或存档团队，创建频道、聊天或 Viva Engage 社区），并告诉您最终结果。",
  helpTitle: "如何使用 Opwatch",
  help: (mention, example) =>
    [
      `**${mention}track** \`${example}\` — 跟踪操作；请粘贴其 Location 标头（可一次粘贴多个）`,
      `**${mention}list** — 查看此处正在跟踪的操作`,
      `**${mention}status** *操作* — 查看某个操作的情况；使用其地址或 ID`,
      `**${mention}stop** *操作* · **${mention}stop all** — 停止跟踪`,
      `**${mention}alias** *名称* — 允许管道以该名称在此发布`,
      `**${mention}help** — 显示本说明`,
    ]
      .map((line) => `- ${line}`)
      .join("\n"),
  hint: (mention) =>
    `我没有理解您的意思。请发送 **${mention}track** 加上操作的 Location，或发送 **${mention}help**。`,
  hintTrack: (mention) =>
    `这看起来是一个操作。在前面加上 **${mention}track**，我就会跟踪它；其他用法请发送 **${mention}help**。`,
  tooLong: (length, max) => `消息太长（${length} 个字符，我最多读取 ${max} 个）。请只粘贴 Location 标头。`,
  nothingToTrack: (mention, example) =>
    `要跟踪什么？请粘贴操作的 Location，例如：\n\n${mention}track \`${example}\``,
  tooMany: (count, max) => `这里有 ${count} 个操作，而我每条消息最多接受 ${max} 个。请分几次发送。`,
  foreignTenant: "我服务于另一个组织，无法向 Graph 查询您组织的操作。请让您的管理员为您的租户设置 Opwatch。",
  guest: "来宾无法在此跟踪操作。请让此组织的成员来跟踪；您也会看到卡片。",
  unknownPerson: "Teams 没有告诉我您是谁，因此我现在无法为您跟踪任何操作。请一分钟后重试。",
  bareId: (text) =>
    `\`${text}\` 看起来是操作的 ID。仅凭 ID 只能在该操作所属的聊天或团队中跟踪；在这里我需要完整的 Location。`,
  denied: {
    notMember: (operation) => `\`${operation}\`：只有其所属团队或聊天的成员才能跟踪。`,
    otherConversation: (operation) => `\`${operation}\` 只能在其所属的聊天或团队中跟踪。`,
    membersUnknown: (operation) =>
      `\`${operation}\`：Graph 没有告诉我您是否为其团队或聊天的成员。请一分钟后重试；如果仍然不行，管理员应检查 Opwatch 是否有权读取成员（TeamMember.Read.All、ChatMember.Read.All）。`,
    noMembers: (operation) =>
      `\`${operation}\` 不属于任何团队或聊天，而此 Opwatch 设置为仅为团队或聊天的成员服务。`,
  },
  deniedMore: (count) => `…还有 ${count} 个您无法跟踪。`,
  refusedMore: (count) => `…还有 ${count} 个我无法读取。`,
  refused: {
    notAnOperation: (text) => `\`${text}\` 不是操作的地址。`,
    target: (text) => `\`${text}\` 是团队、频道或其他资源的地址，而不是创建或更改该资源的操作的地址。`,
    placeholder: (text) => `\`${text}\` 包含占位符，或不完整。请粘贴响应中的完整值。`,
    metadata: (text) => `\`${text}\` 是 @odata.context，看不出是哪个操作。请粘贴 Location 标头。`,
    otherCloud: (text) => `\`${text}\` 所属的 Microsoft 云不是我所跟踪的云。`,
    notInCloud: (text) => `\`${text}\`：此 Microsoft 云中没有这种操作。`,
    copyMonitor: () =>
      "这是用于监视文件复制的地址。任何人拿到它都能直接读取，无需登录，因此我既没有使用也没有保存它，建议您删除该消息。我无法跟踪文件复制。",
    authentication: () =>
      "这是针对某人身份验证方法的操作。Graph 只向用户而不向应用程序显示此类操作，而且其首次响应可能包含密码，因此我不跟踪。",
    signedInUser: (text) =>
      `\`${text}\` 以 /me 开头，表示已登录的用户，而我是应用程序。请将 /me 替换为 /users/ 加上用户 ID。`,
    unknownHost: (text) => `\`${text}\` 不在 Microsoft Graph 上，因此我不会去那里查询。`,
    malformed: (text) => `\`${text}\` 无法识别为地址。`,
  },
  expected: (example) => `我需要操作启动时 Graph 给出的 Location，例如 \`${example}\`。`,
  already: (title, standing, link) =>
    link === null
      ? `我已在此跟踪该操作：**${title}** — ${standing}。其卡片已在此对话中。`
      : `我已在此跟踪该操作：**${title}** — ${standing}。[转到其卡片](${link})。`,
  aliasSet: (name) => `管道现在可以用 \`${name}\` 在此发布。`,
  aliasTaken: (name) => `另一个对话已在使用别名 \`${name}\`。请换一个。`,
  aliasBad: (mention) =>
    `别名由 1 到 64 个字母、数字、点、短划线或下划线组成，例如 **${mention}alias** \`provisioning\`。`,
  aliasList: (names, mention) =>
    names.length === 0
      ? `此对话没有别名。发送 **${mention}alias** \`名称\` 可添加一个，供管道在此发布。`
      : `管道可以用 ${names.map((name) => `\`${name}\``).join("、")} 在此发布。发送 **${mention}alias remove** \`名称\` 可删除一个。`,
  aliasRemoved: (name) => `别名 \`${name}\` 已删除。通过它建立的跟踪会保留。`,
  aliasUnknown: (name) => `此对话没有别名 \`${name}\`。`,
  emptyList: (mention) => `我没有在此跟踪任何操作。要开始，请发送 **${mention}track** 加上操作的 Location。`,
  listHeader: (count) => `我正在此跟踪 ${count} 个操作：`,
  listLine: (title, standing, requester, operation) =>
    `- **${title}** — ${standing} · 请求者：${requester} · \`${operation}\``,
  listMore: (count) => `…还有 ${count} 个。`,
  whichOne: (command, mention) =>
    `是哪个操作？请发送 **${mention}${command}** 加上其 Location 或 ID；发送 **${mention}list** 可查看此处正在跟踪的操作。`,
  unknownWatch: (text, mention) =>
    `我没有在此跟踪 \`${text}\`。发送 **${mention}list** 可查看正在跟踪的操作。`,
  stopped: (count) => (count === 1 ? "已停止跟踪该操作。" : `已停止跟踪 ${count} 个操作。`),
  nothingToStop: "此处没有可停止的跟踪。",
  alreadyOver: (title, standing) => `我已不再跟踪该操作：**${title}** — ${standing}。`,
  gone: "此卡片对应的跟踪记录已不存在。",
  trouble: "我这边出了点问题，未做任何更改。请一分钟后重试。",
  takesLong: "这比平时花费的时间更长。请在一分钟后再次查看卡片。",
};
