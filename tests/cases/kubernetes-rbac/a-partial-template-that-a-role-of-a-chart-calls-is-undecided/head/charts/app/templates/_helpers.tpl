{{- define "app.verbs" -}}
- get
- delete
{{- end }}
