/** POSTs an activity to the bot at `url`, as Teams' service does. A text goes as it is. */
export function postActivity(
  url: string,
  activity: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${url}/api/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof activity === "string" ? activity : JSON.stringify(activity),
  });
}
