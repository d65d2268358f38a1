{{- define "app.verbs" -}}
- get
{{- end }}
