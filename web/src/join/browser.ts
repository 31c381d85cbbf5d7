/** Programs whose built-in browser opens links: camera and microphone often do not work there. */
export type InApp = "wechat" | "wecom" | "dingtalk" | "qq" | "other";

/** Recognises a built-in browser by what it calls itself. */
export function inAppBrowser(userAgent: string): InApp | undefined {
  if (/wxwork/i.test(userAgent)) return "wecom";
  if (/MicroMessenger/i.test(userAgent)) return "wechat";
  if (/DingTalk/i.test(userAgent)) return "dingtalk";
  if (/\bQQ\//.test(userAgent)) return "qq";
  if (/FBAN|FBAV|Instagram|Line\//.test(userAgent)) return "other";
  return undefined;
}
