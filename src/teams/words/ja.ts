import type { Words } from "./words.ts";

/**
 * Half-width characters and Japanese ones are parted by a space, as Microsoft does. Bold text needs it
 * besides: `**` beside a bracket is only read as bold next to a space or punctuation.
 */
export const JA: Words = {
  locale: "ja",
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
  you: "あなた",
  operationTypes: {
    createTeam: "チームの作成",
    cloneTeam: "チームの複製",
    archiveTeam: "チームのアーカイブ",
    unarchiveTeam: "チームのアーカイブ解除",
    teamifyGroup: "グループからのチーム作成",
    createChannel: "チャネルの作成",
    archiveChannel: "チャネルのアーカイブ",
    unarchiveChannel: "チャネルのアーカイブ解除",
    createChat: "チャットの作成",
    createCommunity: "コミュニティの作成",
    contentTypeCopy: "コンテンツ タイプのコピー",
    createSimulation: "攻撃シミュレーションの作成",
    // As Graph's schema spells it.
    createSimualation: "攻撃シミュレーションの作成",
    updateSimulation: "攻撃シミュレーションの更新",
  },
  kinds: {
    team: "チームの操作",
    chat: "チャットの操作",
    engagement: "Viva Engage の操作",
    site: "SharePoint の操作",
    connection: "検索接続の操作",
    attackSimulation: "攻撃シミュレーションの操作",
    telephoneNumber: "電話番号の操作",
    roleAlert: "ロール アラートの操作",
    other: "Graph の操作",
  },
  standings: {
    asking: "Graph に問い合わせ中",
    waiting: "開始待ち",
    running: "進行中",
    unrecognised: "認識できない状態",
    notYetFound: "まだ確認できません",
    notHere: "ここでは見つかりません",
    ready: "準備完了",
    succeeded: "成功",
    failed: "失敗",
    skipped: "スキップ済み",
    unavailable: "参照できなくなりました",
    notFound: "見つかりません",
    forbidden: "アクセス拒否",
    stopped: "追跡停止",
    expired: "未完了",
  },
  meanings: {
    asking: "Opwatch が Microsoft Graph に初めて問い合わせています。",
    waiting: "Graph は操作を受け付けましたが、まだ開始していません。",
    running: "Graph が処理しています。",
    unrecognised:
      "終了したかどうかを判断できない状態が Graph から返されています。Opwatch は終了とは見なさず、追跡を続けます。",
    notYetFound:
      "Graph はまだこの操作を認識していません。開始から数分間はよくあることです。Opwatch は問い合わせを続けます。",
    notHere:
      "このチャットまたはチームには、この ID の操作がありません。開始したばかりの場合は、1 分ほど待ってからもう一度追跡するか、Location 全体を貼り付けてください。",
    ready: "Graph が成功を報告し、Opwatch も結果を確認しました。",
    succeeded: "Graph が成功を報告しました。すべての場所に反映されるまで、さらに数分かかることがあります。",
    failed: "Graph が操作の失敗を報告しました。",
    skipped: "Graph が操作をスキップしたと報告しました。",
    unavailable:
      "Graph でこの操作を参照できなくなりました。成功している可能性があるので、対象を確認してください。",
    notFound:
      "約 20 回確認しましたが、Graph にこの操作は見つかりませんでした。アドレスを Location ヘッダーと照合し、もう一度追跡してください。",
    forbidden:
      "Graph は Opwatch にこの操作の読み取りを許可していません。操作自体は成功する可能性があります。",
    stopped: "だれかが追跡を停止しました。操作そのものには影響しません。",
    expired:
      "追跡できる最長の期間を過ぎたため、Opwatch は追跡を終了しました。失敗したという意味ではありません。続けるには、もう一度追跡してください。",
  },
  troubles: {
    notFound: (since) => `${since} 以降、Graph は「見つかりません」と応答しています。`,
    throttled: (since) => `${since} に、次の確認まで待つよう Graph から求められました。`,
    unauthorized: (since) =>
      `${since} 以降、Graph は Opwatch のサインインを拒否しています。管理者がアプリケーションの資格情報を確認する必要があります。`,
    noToken: (since) => `${since} 以降、Opwatch はアクセス トークンを取得できていません。`,
    refused: (since) => `${since} 以降、Graph は応答を拒否しています。Opwatch は問い合わせを続けます。`,
    unavailable: (since) => `${since} 以降、Graph を利用できません。Opwatch は問い合わせを続けます。`,
    noAnswer: (since) => `${since} 以降、Graph から応答がありません。Opwatch は問い合わせを続けます。`,
    unreadable: (since) => `${since} 以降、Graph の応答を読み取れません。Opwatch は問い合わせを続けます。`,
  },
  credentialProblems: {
    secretExpired:
      "アプリケーションのクライアント シークレットの有効期限が切れています。管理者が Entra で新しく作成し、設定する必要があります。",
    secretWrong:
      "アプリケーションのクライアント シークレットが正しくありません。管理者がシークレットの ID ではなく値を設定する必要があります。",
    certificateRefused:
      "アプリケーションの証明書が Entra に登録されていないか、有効期限が切れています。管理者が Entra にアップロードする必要があります。",
    applicationUnknown:
      "このアプリケーションは組織に登録されていません。管理者が組織でアプリケーションに同意する必要があります。",
    tenantUnknown: "組織が見つかりませんでした。管理者がテナント ID を確認する必要があります。",
    blocked:
      "アプリケーションが組織によってブロックされています。管理者が条件付きアクセスとアプリケーションのサービス プリンシパルを確認する必要があります。",
    noManagedIdentity:
      "マネージド ID が応答しませんでした。管理者が Opwatch の実行環境に割り当てる必要があります。",
    unreachable:
      "サインイン サービスに接続できません。管理者がネットワーク、プロキシ、ファイアウォールを確認する必要があります。",
    unknown: "管理者がアプリケーションの資格情報を確認する必要があります。",
  },
  explanations: {
    badRequest:
      "Graph は要求の内容を受け付けられませんでした。操作を開始した要求、特に名前、所有者、テンプレートを確認してください。",
    conflict: "同じ名前または ID のものが既に存在するか、他のユーザーが変更中です。",
    denied:
      "操作を開始したアプリまたはユーザーには、すべてを実行する権限がありませんでした。そのアクセス許可を確認してください。",
    licence: "ライセンスが不足しています。所有者とメンバーのライセンスを確認してください。",
    quota: "チーム数やグループ数など、組織の上限に達しています。",
    teamUnavailable:
      "チームがありませんでした。削除またはアーカイブされたか、作成が完了していません。操作をもう一度開始する前に、チームがあるかどうかを確認してください。",
    thingMissing:
      "操作に必要なものが見つかりませんでした。作成されたばかりの可能性があります。数分待ってから、もう一度開始してください。",
    throttled: "Graph が混み合っていました。数分待ってから、操作をもう一度開始してください。",
    unavailable:
      "Graph の背後のサービスで障害が発生しました。二重に作成されるおそれがあるので、もう一度開始する前に、結果が既にできていないか確認してください。",
  },
  permission: (application, rsc, page) => {
    const consent =
      rsc.length === 0
        ? ""
        : `か、${rsc.join(" または ")} に同意して Opwatch をチャットまたはチームに追加する`;
    return `管理者がアプリケーションのアクセス許可 ${application.join(" または ")} を付与する${consent}と、読み取れるようになります。[Microsoft のページ](${page})`;
  },
  permissionUndocumented: (known, page) =>
    `読み取りに必要なアクセス許可は Microsoft のドキュメントに記載されていません。操作を開始したアクセス許可で読み取れることがわかっています: ${known.join("、")}。[Microsoft のページ](${page})`,
  permissionUnknown: (page) =>
    `通常は、操作を開始したアクセス許可で読み取れます。[Microsoft のページ](${page})`,
  duration: (ms) => {
    if (ms < 90_000) return `${Math.max(Math.round(ms / 1000), 1)} 秒`;
    return ms < 5_400_000 ? `${Math.round(ms / 60_000)} 分` : `${Math.round(ms / 3_600_000)} 時間`;
  },
  usual: (duration) => `通常は約 ${duration}で完了します。`,
  slow: (duration) =>
    `同種の操作は 100 件中 95 件が ${duration}以内に完了していますが、それより時間がかかっています。まだ成功する可能性があります。`,
  unseen: "Opwatch は結果を 3 回確認しましたが、まだ見つかっていません。",
  stepCount: ({ group, done, total, isTold }) => {
    const one = { apps: "アプリ", channels: "チャネル" }[group];
    return isTold ? `${one} ${total} 個中 ${done} 個` : `${one} ${total} 個`;
  },
  failedSteps: (names, more) => {
    const rest = more === 0 ? "" : `、ほか ${more} 件`;
    return `Graph の報告では、そのうち ${names.length + more} 件が失敗しています: ${names.join("、")}${rest}。`;
  },
  partsFailed: (count) => `${count} 件失敗`,
  slowShort: "通常より遅い",
  stepGroups: { apps: "アプリ", channels: "チャネル" },
  more: (count) => `…ほか ${count} 件`,
  facts: {
    status: "状態",
    attempts: "試行回数",
    started: "開始",
    tracked: "監視開始",
    changed: "最終変更",
    requester: "依頼者",
    target: "対象",
    error: "エラー",
    detail: "詳細",
    operation: "操作",
    progress: "進行状況",
    kind: "種類",
    noMessage: "Graph から理由は示されませんでした。",
  },
  support: "サポート用の情報",
  parts: "内訳",
  timeline: "タイムライン",
  attempt: (count) => `${count} 回目の試行`,
  buttons: {
    refresh: "更新",
    stop: "追跡を停止",
    details: "詳細",
    open: "開く",
    link: "パイプラインを開く",
  },
  refreshed: (ageSeconds, checkedAt, waitSeconds) =>
    `${ageSeconds} 秒前 (${checkedAt}) に確認しました。Graph への次の問い合わせは ${waitSeconds} 秒後に行えます。`,
  refreshedNow: "Graph に問い合わせています。新しい情報があれば、カードが変わります。",
  ping: (mention, title, operation) => `${mention} ${title} · \`${operation}\``,
  pingNobody: (title, operation) => `${title} · \`${operation}\``,
  notice: (mention, name, operation, duration) =>
    `${mention} 「${name}」に通常より時間がかかっています。100 件中 95 件は ${duration}以内に完了しています。まだ成功する可能性があるので、追跡を続けます。 · \`${operation}\``,

  welcome:
    "こんにちは、Opwatch です。実行時間の長い Microsoft Graph の操作 (チームの作成、複製、アーカイブ、チャネル、チャット、Viva Engage コミュニティの作成など) を追跡し、結果をお知らせします。",
  helpTitle: "Opwatch の使い方",
  help: (mention, example) =>
    [
      `**${mention}track** \`${example}\` — 操作を追跡します。Location ヘッダーを貼り付けてください (複数可)`,
      `**${mention}list** — ここで追跡している操作の一覧を表示します`,
      `**${mention}status** *操作* — 1 つの操作の情報を表示します。アドレスまたは ID で指定します`,
      `**${mention}stop** *操作* · **${mention}stop all** — 追跡を停止します`,
      `**${mention}alias** *名前* — パイプラインがその名前でここに投稿できるようにします`,
      `**${mention}help** — この説明を表示します`,
    ]
      .map((line) => `- ${line}`)
      .join("\n"),
  hint: (mention) =>
    `メッセージを理解できませんでした。 **${mention}track** に続けて操作の Location を送るか、 **${mention}help** をお試しください。`,
  hintTrack: (mention) =>
    `操作のアドレスのようです。前に **${mention}track** を付けて送ると追跡します。ほかの使い方は **${mention}help** で確認できます。`,
  tooLong: (length, max) =>
    `メッセージが長すぎます (${length} 文字。読み取れるのは ${max} 文字までです)。Location ヘッダーだけを貼り付けてください。`,
  nothingToTrack: (mention, example) =>
    `どの操作を追跡しますか? 操作の Location を貼り付けてください。例:\n\n${mention}track \`${example}\``,
  tooMany: (count, max) =>
    `${count} 件の操作が含まれています。1 つのメッセージで受け付けるのは ${max} 件までです。分けて送信してください。`,
  foreignTenant:
    "この Opwatch は別の組織用に設定されているため、お使いの組織の操作を Graph に問い合わせることができません。お使いのテナント用に Opwatch を設定するよう、管理者に依頼してください。",
  guest:
    "ゲストはここで操作を追跡できません。この組織のメンバーに依頼してください。カードはゲストにも表示されます。",
  unknownPerson:
    "Teams から送信者の情報を取得できなかったため、今は追跡を開始できません。1 分ほど待ってからもう一度お試しください。",
  bareId: (text) =>
    `\`${text}\` は操作の ID のようです。ID だけで追跡できるのは、操作が属するチャットまたはチームの中だけです。ここでは Location 全体が必要です。`,
  denied: {
    notMember: (operation) =>
      `\`${operation}\`: この操作を追跡できるのは、操作が属するチームまたはチャットのメンバーだけです。`,
    otherConversation: (operation) =>
      `\`${operation}\` を追跡できるのは、操作が属するチャットまたはチームの中だけです。`,
    membersUnknown: (operation) =>
      `\`${operation}\`: 送信者がチームまたはチャットのメンバーかどうかを Graph で確認できませんでした。1 分ほど待ってからもう一度お試しください。解決しない場合は、Opwatch にメンバーの読み取り (TeamMember.Read.All、ChatMember.Read.All) が許可されているか、管理者が確認する必要があります。`,
    noMembers: (operation) =>
      `\`${operation}\` はどのチームやチャットにも属していません。この Opwatch は、チームまたはチャットのメンバーだけが使えるように設定されています。`,
  },
  deniedMore: (count) => `…ほか ${count} 件も追跡できません。`,
  refusedMore: (count) => `…ほか ${count} 件も読み取れません。`,
  refused: {
    notAnOperation: (text) => `\`${text}\` は操作のアドレスではありません。`,
    target: (text) =>
      `\`${text}\` はチームやチャネルなどのリソースのアドレスで、それを作成または変更する操作のアドレスではありません。`,
    placeholder: (text) =>
      `\`${text}\` にプレースホルダーが含まれているか、途中で切れています。応答の値全体を貼り付けてください。`,
    metadata: (text) =>
      `\`${text}\` は @odata.context で、どの操作なのかがわかりません。Location ヘッダーを貼り付けてください。`,
    otherCloud: (text) =>
      `\`${text}\` は、この Opwatch が対象とするものとは別の Microsoft クラウドのものです。`,
    notInCloud: (text) => `\`${text}\`: この種類の操作は、この Microsoft クラウドにはありません。`,
    copyMonitor: () =>
      "これはファイルのコピーを監視するためのアドレスです。知っていればだれでもサインインせずに読み取れるため、使用も保存もしていません。メッセージを削除することをお勧めします。ファイルのコピーは追跡できません。",
    authentication: () =>
      "これはユーザーの認証方法に対する操作です。Graph はこの操作をアプリケーションには公開せず、最初の応答にパスワードが含まれることもあるため、追跡しません。",
    signedInUser: (text) =>
      `\`${text}\` の先頭の /me はサインイン中のユーザーを表しますが、Opwatch はアプリケーションです。/me の代わりに /users/ とユーザーの ID を指定してください。`,
    unknownHost: (text) => `\`${text}\` は Microsoft Graph のアドレスではないため、問い合わせません。`,
    malformed: (text) => `\`${text}\` をアドレスとして読み取れません。`,
  },
  expected: (example) => `操作の開始時に Graph が返した Location を貼り付けてください。例: \`${example}\``,
  already: (title, standing, link) =>
    link === null
      ? `ここで既に追跡しています: **${title}** — ${standing}。カードはこの会話にあります。`
      : `ここで既に追跡しています: **${title}** — ${standing}。[カードに移動](${link})`,
  aliasSet: (name) => `パイプラインが \`${name}\` としてここに投稿できるようになりました。`,
  aliasTaken: (name) => `エイリアス \`${name}\` は別の会話で既に使われています。ほかの名前を選んでください。`,
  aliasBad: (mention) =>
    `エイリアスには、英数字、ピリオド、ハイフン、アンダースコアを 1 から 64 文字まで使えます。例: **${mention}alias** \`provisioning\``,
  aliasList: (names, mention) =>
    names.length === 0
      ? `この会話にはエイリアスがありません。 **${mention}alias** \`名前\` で付けると、パイプラインがここに投稿できます。`
      : `パイプラインは ${names.map((name) => `\`${name}\``).join("、")} としてここに投稿できます。 **${mention}alias remove** \`名前\` で削除できます。`,
  aliasRemoved: (name) => `エイリアス \`${name}\` を削除しました。これを使って始めた追跡は続きます。`,
  aliasUnknown: (name) => `この会話にエイリアス \`${name}\` はありません。`,
  emptyList: (mention) =>
    `ここで追跡している操作はありません。 **${mention}track** に続けて操作の Location を送ると、追跡を始めます。`,
  listHeader: (count) => `ここで ${count} 件の操作を追跡しています:`,
  listLine: (title, standing, requester, operation) =>
    `- **${title}** — ${standing} · 依頼者: ${requester} · \`${operation}\``,
  listMore: (count) => `…ほか ${count} 件。`,
  whichOne: (command, mention) =>
    `どの操作ですか? **${mention}${command}** に続けて Location または ID を送ってください。追跡中の操作は **${mention}list** で確認できます。`,
  unknownWatch: (text, mention) =>
    `\`${text}\` はここで追跡していません。追跡中の操作は **${mention}list** で確認できます。`,
  stopped: (count) => (count === 1 ? "追跡を停止しました。" : `${count} 件の操作の追跡を停止しました。`),
  nothingToStop: "ここで停止する追跡はありませんでした。",
  alreadyOver: (title, standing) => `この操作の追跡は終了しています: **${title}** — ${standing}。`,
  gone: "このカードの追跡に関する情報はもう残っていません。",
  trouble: "Opwatch で問題が発生しました。変更は行われていません。1 分ほど待ってからもう一度お試しください。",
  takesLong: "通常より時間がかかっています。1 分後にカードをもう一度ご確認ください。",
};
