/** For the few places where the page relies on black on white being the default. */
export const DARK_STYLE = `
  :root { color-scheme: dark; }
  body, .fui-FluentProvider { background-color: var(--colorNeutralBackground2); }
  #root .ui-provider { color: var(--colorNeutralForeground1); background-color: transparent; }
  h1, [role="toolbar"], [role="treeitem"], [role="treeitem"] div { color: var(--colorNeutralForeground1) !important; }
  [role="treeitem"] { background-color: transparent; }
`;

/**
 * The Playground 0.2.28 has no dark theme: its page always renders with Fluent's light Teams theme and one light host
 * configuration for cards ("Change Color Theme" is among its texts, but nothing uses it). Its bundle does carry
 * Fluent's dark Teams theme, for charts. To see cards on dark, the bundle is changed on its way to the browser: the
 * page gets that theme, and cards get the host configuration below, which names tokens of the theme. This
 * approximates Teams; it does not prove how Teams looks.
 */
export function darkened(bundle: string): string {
  const themes = /\.fluentV9DarkTheme=([\w$]+),[\w$]+\.fluentV9LightTheme=([\w$]+)/.exec(bundle);
  const dark = themes?.[1];
  const light = themes?.[2];
  if (dark === undefined || light === undefined) throw changed("the names of its themes");
  const page = `{theme:${light},children:`;
  const host = /([\w$]+)\.hostConfig=new ([\w$]+)\(([\w$]+)\)(?=,[\w$]+\.payload&&)/;
  const found = host.exec(bundle);
  const [whole, card, type, config] = found ?? [];
  if (whole === undefined) throw changed("the host configuration of cards");
  if (bundle.split(page).length !== 2) throw changed("the theme of the page");
  return bundle
    .replace(page, () => `{theme:${dark},children:`)
    .replace(
      whole,
      () =>
        `${card}.theme=1,${card}.hostConfig=new ${type}(Object.assign({},${config},${JSON.stringify(DARK_HOST)}))`,
    );
}

function changed(what: string): Error {
  return new Error(
    `The Playground's page is not built as dark-theme.ts expects: ${what} was not found once. ` +
      "Read its new bundle and adapt dark-theme.ts.",
  );
}

type Pair = { readonly default: string; readonly subtle: string };

const token = (name: string, subtle = name): Pair => ({
  default: `var(--${name})`,
  subtle: `var(--${subtle})`,
});

const foregroundColors = {
  default: token("colorNeutralForeground1", "colorNeutralForeground3"),
  dark: token("colorNeutralForegroundInverted"),
  light: token("colorNeutralForeground1", "colorNeutralForeground3"),
  accent: token("colorBrandForeground1"),
  good: token("colorStatusSuccessForeground1"),
  warning: token("colorStatusWarningForeground1"),
  attention: token("colorStatusDangerForeground1"),
};

const container = (background: string, border: string): object => ({
  backgroundColor: `var(--${background})`,
  borderColor: `var(--${border})`,
  foregroundColors,
});

const DARK_HOST = {
  separator: { lineThickness: 1, lineColor: "var(--colorNeutralStroke2)" },
  containerStyles: {
    default: container("colorNeutralBackground1", "colorNeutralStroke1"),
    emphasis: container("colorNeutralBackground2", "colorNeutralStroke2"),
    accent: container("colorBrandBackground2", "colorBrandStroke2"),
    good: container("colorStatusSuccessBackground1", "colorStatusSuccessBorder1"),
    warning: container("colorStatusWarningBackground1", "colorStatusWarningBorder1"),
    attention: container("colorStatusDangerBackground1", "colorStatusDangerBorder1"),
  },
};
