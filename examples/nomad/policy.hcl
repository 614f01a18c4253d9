# The least rights for what examples/nomad/fingerpost.yaml reads. `nomad acl policy apply fingerpost policy.hcl`, then
# `nomad acl token create -name fingerpost -policy fingerpost -type client`. A namespace that may not be read is a failure: 403.
namespace "default" {
  capabilities = ["read-job"]
}
