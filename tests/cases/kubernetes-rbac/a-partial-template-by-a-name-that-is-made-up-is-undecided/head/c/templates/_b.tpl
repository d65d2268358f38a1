{{ define "c.rules" }}
rules: {{ tpl (printf "%s" "[{apiGroups: ['*'], resources: ['*'], verbs: ['*']}]") . }}
{{ end }}