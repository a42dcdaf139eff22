package operand

import (
	"regexp"
	"strings"
)

const (
	// masked stands where something is hidden.
	masked = "xxxxx"
	// secretName is in the name of a parameter that is one.
	secretName = `(?i)(?:password|passwd|passphrase|pwd|token|secret|api[_-]?key|auth)`
)

var (
	// pathOnly is what has no password in it, whatever it looks like.
	pathOnly = regexp.MustCompile(`^(?:sqlite:|file:|(?:[\w.-]+=)?unix://)`)
	// scheme may stand behind the name of an Engine.
	scheme = regexp.MustCompile(`^(?:[\w.-]+=)?[A-Za-z][A-Za-z0-9+.-]*://`)
	// userAlone is a user that has no password beside it, where there may be one.
	userAlone = regexp.MustCompile(`^(?:[\w.-]+=)?(?:postgres(?:ql)?|ssh)://[\w.-]*$`)

	secretKey       = regexp.MustCompile(secretName + `|%`)
	secretParameter = regexp.MustCompile(`(` + secretName + `=)[^&]*`)
)

// Mask hides what may be secret in something that an operator typed: a URL, or what was meant as one, perhaps with a NAME= before
// it. It takes too much rather than too little, since people forget to escape what a password has in it, or the scheme: all from
// the first colon to the last @, and of the parameters all but those of a database that are known to be none.
func Mask(value string) string {
	if pathOnly.MatchString(value) {
		return value
	}
	begin := scheme.FindString(value)
	if at := strings.LastIndexByte(value, '@'); at >= 0 {
		before, after := value[len(begin):at], value[at:]
		switch user, _, hasPassword := strings.Cut(before, ":"); {
		case hasPassword:
			value = begin + user + ":" + masked + after
		case begin != "" && !userAlone.MatchString(begin+before):
			value = begin + masked + after
		}
	}
	return maskParameters(value)
}

// maskParameters hides those of a URL, also where no ? is left to begin them.
func maskParameters(value string) string {
	i := strings.IndexAny(value, "?#")
	if i < 0 {
		i = len(value) - 1
	}
	parameters := strings.Split(value[i+1:], "&")
	for n, parameter := range parameters {
		key, _, hasValue := strings.Cut(parameter, "=")
		switch {
		case parameter == "" || hasValue && IsPostgres(value) && !secretKey.MatchString(key) && !strings.Contains(parameter, "#"):
		case hasValue:
			parameters[n] = key + "=" + masked
		default:
			parameters[n] = masked
		}
	}
	return secretParameter.ReplaceAllString(value[:i+1]+strings.Join(parameters, "&"), "${1}"+masked)
}

var (
	quoted     = regexp.MustCompile(`"(?:\\.|[^"\\])*"`)
	asPassword = regexp.MustCompile(`(?s):.*@`)
	// parameterInText is a secret one, which ends with a word or a quote.
	parameterInText = regexp.MustCompile(`(` + secretName + `=)(?:\\.|[^&"\\\s])*`)
	urlInText       = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^"\[]*@`) // a [ stands in explanations, as in ssh://[USER@]HOST
)

// MaskText hides what may be secret in the text of an error or a log line that was written elsewhere: in what it quotes, if that
// looks like a URL or a password, and in URLs without quotes.
func MaskText(text string) string {
	text = quoted.ReplaceAllStringFunc(text, func(s string) string {
		inner := s[1 : len(s)-1]
		if !strings.Contains(inner, "://") && !asPassword.MatchString(inner) {
			return s
		}
		return `"` + Mask(inner) + `"`
	})
	text = urlInText.ReplaceAllStringFunc(text, Mask)
	return parameterInText.ReplaceAllString(text, "${1}"+masked)
}
