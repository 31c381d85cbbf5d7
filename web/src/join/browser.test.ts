import { expect, it } from "vitest";
import { inAppBrowser } from "./browser";

it("recognises built-in browsers", () => {
  const phone = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36";
  expect(inAppBrowser(phone)).toBeUndefined();
  expect(inAppBrowser(`${phone} MicroMessenger/8.0.50`)).toBe("wechat");
  expect(inAppBrowser(`${phone} wxwork/4.1 MicroMessenger/7.0`)).toBe("wecom");
  expect(inAppBrowser(`${phone} AliApp(DingTalk/7.0)`)).toBe("dingtalk");
  expect(inAppBrowser(`${phone} QQ/9.0`)).toBe("qq");
});
