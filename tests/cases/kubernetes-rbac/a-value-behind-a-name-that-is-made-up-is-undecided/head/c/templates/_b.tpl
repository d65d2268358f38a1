{{ define "c.rules" }}
rules: {{ tpl (printf "%s" .Values.r) . }}
{{ end }}