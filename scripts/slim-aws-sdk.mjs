export function slimAwsSdk() {
  return { name: 'slim-aws-sdk', setup() {} };
}
