{{ define "metrics.fullname" }}{{ .Values.fullnameOverride }}{{ end }}
