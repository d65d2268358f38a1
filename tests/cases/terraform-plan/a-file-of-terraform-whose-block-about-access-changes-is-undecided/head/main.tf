# who deploys
resource "aws_iam_role_policy" "deploy" {
  role   = "deploy"
  policy = data.aws_iam_policy_document.deploy.json
}

data "aws_iam_policy_document" "deploy" {
  statement {
    actions   = ["s3:*"]
    resources = ["*"]
  }
}

resource "aws_instance" "web" {
  ami = "ami-1"
}
