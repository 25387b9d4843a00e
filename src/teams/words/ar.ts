import {
  counted,
  OPERATIONS,
  MORE_OPERATIONS,
  MORE_DENIED,
  MORE_REFUSED,
  MORE_PARTS,
  FAILED_PARTS,
  CHARACTERS,
  STEPS,
} from "./ar-counts.ts";
import type { Words } from "./words.ts";

/**
 * What begins or ends with a digit or a sign (`3a6f…`, `/me`, `@odata.context`) would be torn apart
 * between Arabic words. Plain Latin words need no isolation.
 */
function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}

function codeSpan(text: string): string {
  return isolated(`\`${text}\``);
}

/**
 * A command, from left to right as it is typed. `**@` is read as bold behind a space only, and the
 * mark of the isolation is none: hence the hair space.
 */
function typed(mention: string, command: string, argument = ""): string {
  const text = `**${mention}${command}**${argument === "" ? "" : ` ${argument}`}`;
  if (mention !== "") return isolated(`\u200a${text}`);
  return argument === "" ? text : isolated(text);
}

/** Sentences begin with an Arabic word: clients take a paragraph's direction from its first letter. */
export const AR: Words = {
  locale: "ar",
  direction: "rtl",
  joins: {
    title: (name, standing) => `${name} — ${standing}`,
    qualified: (text, more) => `${text} (${more})`,
    reason: (title, reason) => `${title}: ${isolated(reason)}`,
    labelled: (label, value) => `${label}: ${value}`,
    sentences: (sentences) => sentences.join(" "),
    list: (items) => items.join("، "),
    percent: (percent) => isolated(`${percent}%`),
  },
  you: "أنت",
  operationTypes: {
    createTeam: "إنشاء فريق",
    cloneTeam: "استنساخ فريق",
    archiveTeam: "أرشفة فريق",
    unarchiveTeam: "إلغاء أرشفة فريق",
    teamifyGroup: "إنشاء فريق من مجموعة",
    createChannel: "إنشاء قناة",
    archiveChannel: "أرشفة قناة",
    unarchiveChannel: "إلغاء أرشفة قناة",
    createChat: "إنشاء دردشة",
    createCommunity: "إنشاء مجتمع",
    contentTypeCopy: "نسخ نوع محتوى",
    createSimulation: "إنشاء محاكاة هجوم",
    // As Graph's schema spells it.
    createSimualation: "إنشاء محاكاة هجوم",
    updateSimulation: "تحديث محاكاة هجوم",
  },
  kinds: {
    team: "عملية فريق",
    chat: "عملية دردشة",
    engagement: "عملية في Viva Engage",
    site: "عملية في SharePoint",
    connection: "عملية اتصال بحث",
    attackSimulation: "عملية محاكاة هجوم",
    telephoneNumber: "عملية رقم هاتف",
    roleAlert: "عملية تنبيه دور",
    other: "عملية في Graph",
  },
  standings: {
    asking: "جارٍ الاستعلام من Graph",
    waiting: "بانتظار البدء",
    running: "قيد التنفيذ",
    unrecognised: "حالة غير معروفة",
    notYetFound: "لم تظهر العملية بعد",
    notHere: "العملية غير موجودة هنا",
    ready: "النتيجة جاهزة",
    succeeded: "تم بنجاح",
    failed: "فشل",
    skipped: "تم التخطي",
    unavailable: "لم تعد العملية متاحة",
    notFound: "العملية غير موجودة",
    forbidden: "الوصول مرفوض",
    stopped: "توقفت المتابعة",
    expired: "لم يكتمل التنفيذ بعد",
  },
  meanings: {
    asking: "يستعلم Opwatch من Microsoft Graph للمرة الأولى.",
    waiting: "قَبِل Graph العملية ولم يبدأها بعد.",
    running: "يعمل Graph على تنفيذها.",
    unrecognised: "يجيب Graph بحالة لا تدل على انتهاء العملية. لا يعدّها Opwatch نهاية، ويواصل المتابعة.",
    notYetFound: "لا يعرف Graph هذه العملية بعد. هذا شائع في الدقائق الأولى، وسيواصل Opwatch الاستعلام.",
    notHere:
      "لا يعرف Graph عملية بهذا المعرّف في هذه الدردشة أو هذا الفريق. إذا بدأت قبل لحظات، فأعد متابعتها بعد دقيقة، أو الصق قيمة Location كاملة.",
    ready: "أفاد Graph بنجاح العملية، ورأى Opwatch نتيجتها.",
    succeeded: "أفاد Graph بنجاح العملية. قد تمر بضع دقائق أخرى قبل أن تظهر النتيجة في كل مكان.",
    failed: "أفاد Graph بفشل العملية.",
    skipped: "أفاد Graph بتخطي العملية.",
    unavailable: "لم يعد Graph يعرف هذه العملية. ربما نجحت: تحقق من هدفها.",
    notFound:
      "لم يعرف Graph هذه العملية في نحو 20 محاولة تحقق. قارن العنوان بترويسة Location ثم أعد متابعتها.",
    forbidden: "لا يسمح Graph لتطبيق Opwatch بقراءة هذه العملية. قد تنجح رغم ذلك.",
    stopped: "أوقف أحدهم المتابعة. لا يغيّر ذلك شيئًا في العملية نفسها.",
    expired:
      "أوقف Opwatch المتابعة بعد انقضاء أطول مدة مسموح بها. لا يعني ذلك أن العملية فشلت؛ أعد متابعتها للاستمرار.",
  },
  troubles: {
    notFound: (since) => `يجيب Graph بأن العملية «غير موجودة» منذ ${isolated(since)}.`,
    throttled: (since) => `طلب Graph من Opwatch في ${isolated(since)} الانتظار قبل التحقق التالي.`,
    unauthorized: (since) =>
      `يرفض Graph تسجيل دخول Opwatch منذ ${isolated(since)}. على المسؤول التحقق من بيانات اعتماد التطبيق.`,
    noToken: (since) => `ليس لدى Opwatch رمز وصول منذ ${isolated(since)}.`,
    refused: (since) => `يرفض Graph الإجابة منذ ${isolated(since)}. يواصل Opwatch الاستعلام.`,
    unavailable: (since) => `خدمة Graph غير متاحة منذ ${isolated(since)}. يواصل Opwatch الاستعلام.`,
    noAnswer: (since) => `لا يجيب Graph منذ ${isolated(since)}. يواصل Opwatch الاستعلام.`,
    unreadable: (since) => `تتعذر قراءة إجابات Graph منذ ${isolated(since)}. يواصل Opwatch الاستعلام.`,
  },
  credentialProblems: {
    secretExpired: "انتهت صلاحية سر العميل الخاص بالتطبيق: على المسؤول إنشاء سر جديد في Entra ثم تعيينه.",
    secretWrong: "سر العميل الخاص بالتطبيق غير صحيح: على المسؤول تعيين قيمة السر لا معرّفه.",
    certificateRefused:
      "شهادة التطبيق غير مسجلة في Entra أو انتهت صلاحيتها: على المسؤول تحميل شهادة صالحة هناك.",
    applicationUnknown: "لا تعرف المؤسسة هذا التطبيق: على المسؤول منحه الموافقة فيها.",
    tenantUnknown: "لم يُعثر على المؤسسة: على المسؤول التحقق من معرّف المستأجر.",
    blocked: "تحظر المؤسسة هذا التطبيق: على المسؤول مراجعة الوصول المشروط وكيان الخدمة الخاص بالتطبيق.",
    noManagedIdentity: "لم تُجب الهوية المُدارة: على المسؤول تعيينها للبيئة التي يعمل فيها Opwatch.",
    unreachable: "يتعذر الوصول إلى خدمة تسجيل الدخول: على المسؤول التحقق من الشبكة والوكيل وجدار الحماية.",
    unknown: "على المسؤول التحقق من بيانات اعتماد التطبيق.",
  },
  explanations: {
    badRequest:
      "لم يتمكن Graph من قبول ما طُلب منه. تحقق من الطلب الذي بدأ العملية، ولا سيما الأسماء والمالكين والقوالب.",
    conflict: "يوجد عنصر بهذا الاسم أو المعرّف بالفعل، أو يعدّله شخص آخر الآن.",
    denied: "لم تكن لدى من بدأ العملية صلاحية تنفيذها كاملة. تحقق من أذونات ذلك التطبيق أو الشخص.",
    licence: "يوجد ترخيص ناقص. تحقق من تراخيص المالكين والأعضاء.",
    quota: "بلغت المؤسسة أحد حدودها، مثل عدد الفرق أو المجموعات.",
    teamUnavailable:
      "لم يكن الفريق موجودًا: حُذف أو أُرشف أو لم يكتمل إنشاؤه. تأكد من وجوده قبل بدء العملية من جديد.",
    thingMissing: "لم يُعثر على عنصر تحتاج إليه العملية. ربما أُنشئ للتو: انتظر بضع دقائق ثم ابدأها من جديد.",
    throttled: "كان الضغط على Graph كبيرًا. انتظر بضع دقائق ثم ابدأ العملية من جديد.",
    unavailable:
      "تعطلت خدمة يعتمد عليها Graph. تأكد من عدم وجود النتيجة قبل بدء العملية من جديد، وإلا فقد تُنشأ نتيجة ثانية.",
  },
  permission: (application, rsc, page) => {
    const consent =
      rsc.length === 0 ? "" : `، أو إضافة Opwatch إلى الدردشة أو الفريق مع الموافقة على ${rsc.join(" أو ")}`;
    return `يمكن للمسؤول منح إذن التطبيق ${application.join(" أو ")}${consent}. [صفحة Microsoft](${page})`;
  },
  permissionUndocumented: (known, page) =>
    `لا تذكر وثائق Microsoft إذنًا لقراءتها. من المعروف أن الإذن الذي بدأها يكفي: ${known.map(isolated).join("، ")}. [صفحة Microsoft](${page})`,
  permissionUnknown: (page) => `عادةً ما يكفي الإذن الذي بدأها لقراءتها. [صفحة Microsoft](${page})`,
  duration: (ms) => {
    if (ms < 90_000) return `${Math.max(Math.round(ms / 1000), 1)} ث`;
    return ms < 5_400_000 ? `${Math.round(ms / 60_000)} د` : `${Math.round(ms / 3_600_000)} س`;
  },
  usual: (duration) => `تستغرق عادةً نحو ${duration}.`,
  slow: (duration) => `أبطأ من 95 من كل 100 عملية مماثلة، فقد اكتملت تلك خلال ${duration}. قد تنجح رغم ذلك.`,
  unseen: "بحث Opwatch عن النتيجة ثلاث مرات ولم يرها بعد.",
  stepCount: ({ group, done, total, isTold }) => {
    if (!isTold) return counted(total, STEPS[group]);
    const all = { apps: "التطبيقات", channels: "القنوات" }[group];
    return `${all}: ${done} من ${total}`;
  },
  failedSteps: (names, more) => {
    const rest = more === 0 ? "" : ` ${counted(more, MORE_PARTS)}`;
    const failed = counted(names.length + more, FAILED_PARTS);
    return `${failed} منها بحسب Graph نفسه: ${names.map(isolated).join("، ")}${rest}.`;
  },
  partsFailed: (count) => counted(count, FAILED_PARTS),
  slowShort: "أبطأ من المعتاد",
  stepGroups: { apps: "تطبيق", channels: "قناة" },
  more: (count) => `…${counted(count, MORE_PARTS)}`,
  facts: {
    status: "الحالة",
    attempts: "المحاولات",
    started: "وقت البدء",
    tracked: "تحت المتابعة منذ",
    changed: "آخر تغيير",
    requester: "بطلب من",
    target: "الهدف",
    error: "الخطأ",
    detail: "التفاصيل",
    operation: "العملية",
    progress: "التقدم",
    kind: "النوع",
    noMessage: "لم يذكر Graph سببًا.",
  },
  support: "للدعم الفني",
  parts: "الأجزاء",
  timeline: "المخطط الزمني",
  attempt: (count) => `المحاولة ${count}`,
  buttons: {
    refresh: "تحديث",
    stop: "إيقاف المتابعة",
    details: "التفاصيل",
    open: "فتح",
    link: "فتح المسار",
  },
  refreshed: (ageSeconds, checkedAt, waitSeconds) =>
    `تم التحقق قبل ${ageSeconds} ث، في ${isolated(checkedAt)}. يمكن الاستعلام من Graph مجددًا بعد ${waitSeconds} ث.`,
  refreshedNow: "يجري الآن الاستعلام من Graph. ستتغير البطاقة إذا ظهر جديد.",
  ping: (mention, title, operation) => `${mention} ${title} · ${codeSpan(operation)}`,
  pingNobody: (title, operation) => `${title} · ${codeSpan(operation)}`,
  notice: (mention, name, operation, duration) =>
    `${mention} تستغرق العملية «${isolated(name)}» وقتًا أطول من المعتاد: اكتملت 95 من كل 100 خلال ${duration}. قد تنجح رغم ذلك، وسأواصل متابعتها. · ${codeSpan(operation)}`,

  welcome:
    "مرحبًا، أنا Opwatch. أتابع عمليات Microsoft Graph طويلة الأمد (إنشاء فريق أو استنساخه أو أرشفته، وإنشاء قناة أو دردشة أو مجتمع في Viva Engage) وأخبرك كيف انتهت.",
  helpTitle: "كيفية استخدام Opwatch",
  help: (mention, example) =>
    [
      `متابعة عملية: ${typed(mention, "track", `\`${example}\``)} — الصق ترويسة Location (يمكن لصق عدة ترويسات معًا)`,
      `عرض ما تجري متابعته هنا: ${typed(mention, "list")}`,
      `عرض بيانات عملية واحدة: ${typed(mention, "status", "*العملية*")} — بعنوانها أو معرّفها`,
      `إيقاف المتابعة: ${typed(mention, "stop", "*العملية*")} · ${typed(mention, "stop all")}`,
      `السماح لمسارات الأتمتة بالنشر هنا باسم مستعار: ${typed(mention, "alias", "*الاسم*")}`,
      `عرض هذا النص: ${typed(mention, "help")}`,
    ]
      .map((line) => `- ${line}`)
      .join("\n"),
  hint: (mention) =>
    `لم أفهم ذلك. جرّب ${typed(mention, "track")} متبوعًا بقيمة Location للعملية، أو ${typed(mention, "help")}.`,
  hintTrack: (mention) =>
    `يبدو أن هذه عملية. اكتب ${typed(mention, "track")} قبلها وسأتابعها، وللمزيد اكتب ${typed(mention, "help")}.`,
  tooLong: (length, max) =>
    `رسالتك طويلة (${counted(length, CHARACTERS)}، ولا أقرأ أكثر من ${max}). الصق ترويسات Location فقط من فضلك.`,
  nothingToTrack: (mention, example) =>
    `ماذا أتابع؟ الصق قيمة Location للعملية، مثلًا:\n\n${isolated(`${mention}track \`${example}\``)}`,
  tooMany: (count, max) =>
    `تحتوي رسالتك على ${counted(count, OPERATIONS)}، ولا أقبل أكثر من ${max} في الرسالة الواحدة. قسّمها من فضلك.`,
  foreignTenant:
    "أعمل لصالح مؤسسة أخرى ولا أستطيع الاستعلام من Graph عن عمليات مؤسستك. اطلب من المسؤول لديك إعداد Opwatch لمستأجرك.",
  guest: "لا يمكن للضيوف متابعة العمليات هنا. اطلب ذلك من أحد أعضاء هذه المؤسسة، وستظهر البطاقة لك أيضًا.",
  unknownPerson: "لم يخبرني Teams من أنت، لذا لا أستطيع متابعة شيء لك الآن. أعد المحاولة بعد دقيقة من فضلك.",
  bareId: (text) =>
    `يبدو ${codeSpan(text)} معرّف عملية. لا يكفي المعرّف وحده إلا في الدردشة أو الفريق الذي تتبعه العملية؛ أما هنا فأحتاج إلى قيمة Location كاملة.`,
  denied: {
    notMember: (operation) =>
      `لا يمكن متابعة ${codeSpan(operation)} إلا لأعضاء الفريق أو الدردشة التي تتبعها العملية.`,
    otherConversation: (operation) =>
      `لا يمكن متابعة ${codeSpan(operation)} إلا في الدردشة أو الفريق الذي تتبعه العملية.`,
    membersUnknown: (operation) =>
      `بشأن ${codeSpan(operation)}: لم يخبرني Graph هل أنت عضو في الفريق أو الدردشة. أعد المحاولة بعد دقيقة؛ وإن لم يُجدِ ذلك، فعلى المسؤول التحقق من السماح لتطبيق Opwatch بقراءة الأعضاء (TeamMember.Read.All و ChatMember.Read.All).`,
    noMembers: (operation) =>
      `لا تتبع العملية ${codeSpan(operation)} أي فريق أو دردشة، وقد أُعدّ Opwatch هنا لخدمة أعضاء الفرق والدردشات فقط.`,
  },
  deniedMore: (count) => counted(count, MORE_DENIED),
  refusedMore: (count) => counted(count, MORE_REFUSED),
  refused: {
    notAnOperation: (text) => `ليس ${codeSpan(text)} عنوان عملية.`,
    target: (text) =>
      `يشير ${codeSpan(text)} إلى فريق أو قناة أو مورد آخر، لا إلى العملية التي تنشئه أو تغيّره.`,
    placeholder: (text) =>
      `يحتوي ${codeSpan(text)} على عنصر نائب، أو أنه مبتور. الصق القيمة كاملة من الاستجابة.`,
    metadata: (text) =>
      `يمثل ${codeSpan(text)} قيمة ${isolated("@odata.context")}، وهي لا تدل على العملية المقصودة. الصق ترويسة Location.`,
    otherCloud: (text) => `ينتمي ${codeSpan(text)} إلى سحابة Microsoft غير التي أتابعها.`,
    notInCloud: (text) => `لا يوجد هذا النوع من العمليات في سحابة Microsoft هذه: ${codeSpan(text)}.`,
    copyMonitor: () =>
      "هذا عنوان مراقبة نسخ ملف. يستطيع كل من يملكه قراءته دون تسجيل الدخول، لذا لم أستخدمه ولم أحفظه، وقد ترغب في حذف رسالتك. لا أستطيع متابعة نسخ الملفات.",
    authentication: () =>
      "هذه عملية على أساليب المصادقة الخاصة بشخص ما. لا يعرضها Graph إلا للأشخاص لا للتطبيقات، وقد تحتوي إجابته الأولى على كلمة مرور، لذا لا أتابعها.",
    signedInUser: (text) =>
      `يبدأ ${codeSpan(text)} بـ ${isolated("/me")}، أي الشخص الذي سجّل الدخول، وأنا تطبيق. اكتب ${isolated("/users/")} ومعرّف المستخدم بدلًا من ${isolated("/me")}.`,
    unknownHost: (text) => `ليس ${codeSpan(text)} على Microsoft Graph، لذا لن أستعلم هناك.`,
    malformed: (text) => `لا يمكن قراءة ${codeSpan(text)} بوصفه عنوانًا.`,
  },
  expected: (example) => `أتوقع قيمة Location التي أعطاها Graph عند بدء العملية، مثل ${codeSpan(example)}.`,
  already: (title, standing, link) =>
    link === null
      ? `أتابع هذه العملية هنا بالفعل: **${isolated(title)}** — ${standing}. بطاقتها موجودة في هذه المحادثة.`
      : `أتابع هذه العملية هنا بالفعل: **${isolated(title)}** — ${standing}. [الانتقال إلى بطاقتها](${link}).`,
  aliasSet: (name) => `يمكن لمسارات الأتمتة الآن النشر هنا باسم ${codeSpan(name)}.`,
  aliasTaken: (name) => `تستخدم محادثة أخرى الاسم المستعار ${codeSpan(name)} بالفعل. اختر اسمًا آخر.`,
  aliasBad: (mention) =>
    `يتكون الاسم المستعار من 1 إلى 64 حرفًا أو رقمًا أو نقطة أو شرطة أو شرطة سفلية، مثل ${typed(mention, "alias", "`provisioning`")}.`,
  aliasList: (names, mention) =>
    names.length === 0
      ? `ليس لهذه المحادثة اسم مستعار. يمنحها ${typed(mention, "alias", "`الاسم`")} اسمًا تنشر به مسارات الأتمتة هنا.`
      : `يمكن لمسارات الأتمتة النشر هنا باسم ${names.map(codeSpan).join(" أو ")}. يزيل ${typed(mention, "alias remove", "`الاسم`")} اسمًا منها.`,
  aliasRemoved: (name) => `أُزيل الاسم المستعار ${codeSpan(name)}. تبقى المتابعات التي بدأت به.`,
  aliasUnknown: (name) => `ليس لهذه المحادثة الاسم المستعار ${codeSpan(name)}.`,
  emptyList: (mention) =>
    `لا أتابع شيئًا هنا. ابدأ بكتابة ${typed(mention, "track")} متبوعًا بقيمة Location للعملية.`,
  listHeader: (count) => `أتابع ${counted(count, OPERATIONS)} هنا:`,
  listLine: (title, standing, requester, operation) =>
    `- **${isolated(title)}** — ${standing} · بطلب من ${isolated(requester)} · ${codeSpan(operation)}`,
  listMore: (count) => counted(count, MORE_OPERATIONS),
  whichOne: (command, mention) =>
    `أي عملية؟ اكتب ${typed(mention, command)} متبوعًا بقيمة Location أو المعرّف؛ يعرض ${typed(mention, "list")} ما أتابعه هنا.`,
  unknownWatch: (text, mention) =>
    `لا أتابع ${codeSpan(text)} هنا. يعرض ${typed(mention, "list")} ما أتابعه.`,
  stopped: (count) => (count === 1 ? "أُوقفت متابعة العملية." : `أُوقفت متابعة ${counted(count, OPERATIONS)}.`),
  nothingToStop: "لم يكن هنا ما يمكن إيقافه.",
  alreadyOver: (title, standing) => `لم أعد أتابع هذه العملية: **${isolated(title)}** — ${standing}.`,
  gone: "تخص هذه البطاقة متابعة لم أعد أعرفها.",
  trouble: "حدث خطأ من جهتي ولم يتغير شيء. أعد المحاولة بعد دقيقة من فضلك.",
  takesLong: "يستغرق هذا وقتًا أطول من المعتاد. انظر إلى البطاقة مرة أخرى بعد دقيقة.",
};
