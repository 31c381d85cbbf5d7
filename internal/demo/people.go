package demo

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/yunqiao/yunqiao/internal/contacts"
)

// name invents the n-th Chinese name.
func name(n int) string {
	surnames := []rune("李王张刘陈杨赵黄周吴孙胡朱高郭何罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢姜崔钟谭陆汪石付贾")
	given := []string{
		"明哲", "雨桐", "思远", "佳宁", "子轩", "若兰", "景行", "书瑶", "文博", "清扬", "海燕", "建国", "晓峰", "静怡", "志远", "婉清",
		"天佑", "梓涵", "立新", "春晖", "国梁", "玉洁", "鹏飞", "淑贤", "永康", "紫薇", "家豪", "慧敏", "长青", "乐山", "启航", "云舒",
	}
	return string(surnames[n*11%len(surnames)]) + given[n*13%len(given)]
}

// latinName invents the n-th name in Latin letters.
func latinName(n int) string {
	first := []string{"Elena", "Marco", "Sofia", "Daniel", "Amina", "Lucas", "Hanna", "Tomás", "Grace", "Viktor", "Priya", "Samuel"}
	last := []string{"Rossi", "Keller", "Navarro", "Okafor", "Lindqvist", "Tanaka", "Moreau", "Petrov", "Silva", "Haddad", "Novak", "Chen"}
	return first[n*5%len(first)] + " " + last[n*7%len(last)]
}

const (
	personCount       = 128
	organisationCount = 21
)

// contacts fills the address book: the named expert, organisations, and
// people over all categories; every ninth is in none.
func (f *filling) contacts(ctx context.Context) error {
	as := f.as(ctx, Staff)
	categories, err := f.Contacts.Categories(as)
	if err != nil {
		return err
	}
	stations, err := f.Contacts.Stations(as)
	if err != nil {
		return err
	}
	if err := f.expert(as, categories); err != nil {
		return err
	}
	var organisations []uuid.UUID
	for i := range organisationCount {
		o, err := f.Contacts.Create(as, organisation(i, stations[i%len(stations)], categories))
		if err != nil {
			return err
		}
		organisations = append(organisations, o.ID)
	}
	for i := range personCount {
		n := person(i, stations[i%len(stations)], categories)
		if i%3 == 0 {
			n.OrganisationID = &organisations[i%len(organisations)]
		}
		if _, err := f.Contacts.Create(as, n); err != nil {
			return err
		}
	}
	return nil
}

// expert adds the people that the meetings invite.
func (f *filling) expert(ctx context.Context, categories []contacts.Category) error {
	checked := f.Now.AddDate(0, -1, 0).Format("2006-01-02")
	for key, n := range map[string]contacts.NewContact{
		"xu": {
			Name: "徐崇宇", NameLatin: "Chongyu Xu", Title: "教授", OrganisationName: "圣保罗理工学院（演示）", CountryCode: "BR",
			City: "圣保罗", Language: "en", TimeZone: "America/Sao_Paulo", Categories: in(categories, "representatives", "overseas_chinese"),
			Aliases: []string{"许崇宇"}, Notes: "农业机械自动化方向；习惯用英文沟通。",
			Fields: []contacts.NewField{
				{Kind: contacts.FieldEmail, Value: "chongyu.xu@demo.example", Source: "本人", VerifiedAt: &checked},
				{Kind: contacts.FieldPhone, Label: "手机", Value: "+55 11 90000 4321", Source: "名片", VerifiedAt: &checked},
				{Kind: contacts.FieldFieldOfWork, Value: "农业机械自动化 / Agricultural robotics", Source: "个人主页"},
				{Kind: contacts.FieldBirthPlace, Value: "江苏徐州", Source: "本人"},
			},
		},
		"anong": {
			Name: "Anong Wattana", NameLatin: "Anong Wattana", Title: "Director", OrganisationName: "Siam Logistics Forum (demo)", CountryCode: "TH",
			City: "曼谷", Language: "en", TimeZone: "Asia/Bangkok", Categories: in(categories, "other"),
			Fields: []contacts.NewField{{Kind: contacts.FieldEmail, Value: "anong@demo.example", Source: "会议名册", VerifiedAt: &checked}},
		},
	} {
		n.Kind = contacts.KindPerson
		c, err := f.Contacts.Create(ctx, n)
		if err != nil {
			return err
		}
		f.experts[key] = c
	}
	return nil
}

// in returns the ids of categories by their codes.
func in(categories []contacts.Category, codes ...string) []uuid.UUID {
	ids := []uuid.UUID{}
	for _, c := range categories {
		for _, code := range codes {
			if c.Code == code {
				ids = append(ids, c.ID)
			}
		}
	}
	return ids
}

func organisation(i int, s contacts.Station, categories []contacts.Category) contacts.NewContact {
	kinds := []struct{ zh, en, code string }{
		{"华侨华人联合会", "Chinese Association", "associations"},
		{"徐州同乡会", "Xuzhou Fellowship", "associations"},
		{"工程机械有限公司", "Machinery Ltd", "enterprises"},
		{"国际贸易有限公司", "Trading Ltd", "enterprises"},
		{"留学生学者联谊会", "Students and Scholars Union", "associations"},
		{"文化交流中心", "Culture Centre", "other"},
		{"新材料研究所", "New Materials Institute", "enterprises"},
	}
	k := kinds[i%len(kinds)]
	return contacts.NewContact{
		Kind: contacts.KindOrganisation, Name: s.City + k.zh + "（演示）", NameLatin: s.CityEN + " " + k.en + " (demo)", City: s.City,
		CountryCode: s.CountryCode, TimeZone: s.TimeZone, StationID: &s.ID, Categories: in(categories, k.code),
		Fields: []contacts.NewField{{Kind: contacts.FieldPhone, Value: fmt.Sprintf("+00 55 0100 %04d", 1000+i*37), Source: "公开名录"}},
	}
}

func person(i int, s contacts.Station, categories []contacts.Category) contacts.NewContact {
	codes := []string{"overseas_chinese", "representatives", "students", "returnees", "relatives", "enterprises", "associations"}
	titles := []string{"教授", "总经理", "博士生", "工程师", "会长", "", "秘书长", "研究员", "医生", "设计师"}
	work := []string{"新能源", "工程机械", "人工智能", "生物医药", "文化创意", "现代农业", "国际物流", "新材料"}
	n := contacts.NewContact{
		Kind: contacts.KindPerson, Name: name(i * 3), Title: titles[i%len(titles)], CountryCode: s.CountryCode, City: s.City,
		TimeZone: s.TimeZone, Categories: in(categories, codes[i%len(codes)]), Notes: "演示数据，姓名均为虚构。",
		Fields: []contacts.NewField{
			{Kind: contacts.FieldPhone, Value: fmt.Sprintf("+00 55 0200 %04d", 1111+i*53), Source: "登记表"},
			{Kind: contacts.FieldFieldOfWork, Value: work[i%len(work)], Source: "登记表"},
		},
	}
	switch {
	case i%9 == 8:
		n.Categories = nil
	case i%6 == 5:
		n.Name, n.NameLatin, n.Language = latinName(i), latinName(i), "en"
	}
	if i%4 != 0 {
		n.StationID = &s.ID
	}
	if checked := fmt.Sprintf("2026-%02d-%02d", 1+i%10, 1+i%28); i%2 == 0 {
		n.Fields[0].VerifiedAt = &checked
		n.Fields = append(n.Fields, contacts.NewField{
			Kind: contacts.FieldEmail, Value: fmt.Sprintf("contact%03d@demo.example", i), Source: "本人", VerifiedAt: &checked,
		})
	}
	return n
}
