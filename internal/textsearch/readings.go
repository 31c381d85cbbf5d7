package textsearch

// surnameReadings are the readings of characters and pairs when they open a
// person's name, where they differ from the common reading.
func surnameReadings() map[string][]string {
	return map[string][]string{
		"曾": {"zeng"}, "单": {"shan"}, "仇": {"qiu"}, "查": {"zha"}, "翟": {"zhai"}, "朴": {"piao"},
		"区": {"ou"}, "任": {"ren"}, "华": {"hua"}, "解": {"xie"}, "缪": {"miao"}, "盖": {"ge"},
		"洗": {"xian"}, "冼": {"xian"}, "员": {"yun"}, "召": {"shao"}, "宓": {"mi"}, "尹": {"yin"},
		"乐": {"yue"}, "覃": {"qin"}, "秘": {"bi"}, "折": {"she"}, "黑": {"he"}, "臧": {"zang"},
		"繁": {"po"}, "种": {"chong"}, "重": {"chong"}, "晟": {"cheng"}, "晁": {"chao"}, "祭": {"zhai"},
		"句": {"gou"}, "勾": {"gou"}, "纪": {"ji"}, "费": {"fei"}, "车": {"che"}, "幺": {"yao"},
		"牟": {"mu"}, "那": {"na"}, "能": {"nai"}, "谌": {"chen"}, "逄": {"pang"}, "逯": {"lu"},
		"郇": {"xun"}, "郗": {"xi"}, "钭": {"tou"}, "长": {"chang"}, "阚": {"kan"}, "隗": {"wei"},
		"佴": {"nai"}, "仝": {"tong"}, "俞": {"yu"}, "哈": {"ha"}, "夏": {"xia"}, "宁": {"ning"},
		"沈": {"shen"}, "盛": {"sheng"}, "石": {"shi"}, "贾": {"jia"}, "柏": {"bai"}, "卜": {"bu"},
		"薄": {"bo"}, "褚": {"chu"}, "都": {"du"}, "葛": {"ge"}, "过": {"guo"}, "会": {"gui"},
		"炅": {"gui"}, "鲜": {"xian"}, "燕": {"yan"}, "叶": {"ye"}, "应": {"ying"}, "乜": {"nie"},
		"尉迟": {"yu", "chi"}, "万俟": {"mo", "qi"}, "长孙": {"zhang", "sun"}, "单于": {"chan", "yu"},
		"澹台": {"tan", "tai"}, "宇文": {"yu", "wen"}, "令狐": {"ling", "hu"}, "皇甫": {"huang", "fu"},
		"呼延": {"hu", "yan"}, "司徒": {"si", "tu"}, "夏侯": {"xia", "hou"}, "鲜于": {"xian", "yu"},
		"乐正": {"yue", "zheng"}, "濮阳": {"pu", "yang"}, "亓官": {"qi", "guan"}, "拓跋": {"tuo", "ba"},
	}
}

// wordReadings are words whose characters read otherwise than alone, wherever
// they stand: mostly places and the words of organisations' names.
func wordReadings() map[string][]string {
	return map[string][]string{
		"重庆": {"chong", "qing"}, "长春": {"chang", "chun"}, "长沙": {"chang", "sha"}, "长安": {"chang", "an"},
		"长江": {"chang", "jiang"}, "长城": {"chang", "cheng"}, "厦门": {"xia", "men"}, "六安": {"lu", "an"},
		"蚌埠": {"beng", "bu"}, "番禺": {"pan", "yu"}, "会稽": {"kuai", "ji"}, "东莞": {"dong", "guan"},
		"乐清": {"yue", "qing"}, "台州": {"tai", "zhou"}, "丽水": {"li", "shui"}, "铅山": {"yan", "shan"},
		"朝阳": {"chao", "yang"}, "朝鲜": {"chao", "xian"}, "大厦": {"da", "sha"}, "银行": {"yin", "hang"},
		"行业": {"hang", "ye"}, "会长": {"hui", "zhang"}, "校长": {"xiao", "zhang"}, "音乐": {"yin", "yue"},
		"会计": {"kuai", "ji"}, "参差": {"cen", "ci"}, "调研": {"diao", "yan"}, "联系": {"lian", "xi"},
		"率": {"lv"}, "吐鲁番": {"tu", "lu", "fan"}, "新西兰": {"xin", "xi", "lan"}, "亚美尼亚": {"ya", "mei", "ni", "ya"},
		"吉尔吉斯": {"ji", "er", "ji", "si"}, "阿联酋": {"a", "lian", "qiu"}, "柬埔寨": {"jian", "pu", "zhai"},
	}
}
