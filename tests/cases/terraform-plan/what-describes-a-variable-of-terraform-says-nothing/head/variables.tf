variable "role_name" {
  description = "Name with an `assume_role_policy`"
  type        = string
  default     = "a"
}

output "policy_arn" {
  description = <<-EOT
    The ARN with a statement
  EOT
  value       = aws_iam_policy.this.arn
}
