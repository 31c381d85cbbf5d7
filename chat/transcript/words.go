package transcript

// dictionary holds the page's words in one language.
type dictionary map[string]string

func (d dictionary) of(word string) string { return d[word] }

func words(language string) dictionary {
	if language == "en" {
		return dictionary{
			"history": "Chat history", "exported": "Exported by", "clock": "all times are those of", "members": "Members",
			"edited": "edited", "forwarded": "Forwarded from", "reply": "Reply", "topic": "Topic", "pinned": "Pinned", "gone": "not kept any more",
			"author": "taken back by its author", "manager": "removed by a manager", "retention": "older than messages are kept",
			"erasure": "erased at the person's request", "call": "Call", "guest": "guest", "before": "before",
		}
	}
	return dictionary{
		"history": "聊天记录", "exported": "导出人", "clock": "所有时间均为", "members": "成员",
		"edited": "已编辑", "forwarded": "转发自", "reply": "回复", "topic": "话题", "pinned": "已置顶", "gone": "文件已不再保存",
		"author": "作者已撤回", "manager": "已被管理员移除", "retention": "已超过保存期限", "erasure": "已按本人要求删除",
		"call": "通话", "guest": "来宾", "before": "修改前",
	}
}
