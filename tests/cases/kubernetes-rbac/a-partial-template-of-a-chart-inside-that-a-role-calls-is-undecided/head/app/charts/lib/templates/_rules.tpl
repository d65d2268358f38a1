{{- define "lib.rule" -}}
{{ .Values.writer | toJson }}
{{- end -}}
