#include "error_rows.hpp"

// Errors of servers that one runs oneself.
namespace assay::tests {

TEST_CASE("ollama, llamacpp, vllm: error rows") {
  const std::array rows{
      row{"ollama", 400,
          R"({"error":{"message":"x","type":"invalid_request_error","param":null,"code":null}})",
          bad_request},
      row{"ollama", 404, R"({"error":"model \"x\" not found, try pulling it first"})", bad_request},
      row{"ollama", 404,
          R"({"error":{"message":"x","type":"not_found_error","param":null,"code":null}})",
          bad_request},
      row{"ollama", 503,
          R"({"error":"server busy, please try again. maximum pending requests exceeded"})",
          overloaded},
      row{"ollama", 499, R"({"error":"cancelled"})", server_error},
      row{"ollama", 429, R"({"error":"cloud limit"})", rate_limited},
      row{"ollama", 502, R"({"error":"cloud unreachable"})", server_error},
      row{"ollama", 500, R"({"error":{"message":"x","type":"api_error","param":null,"code":null}})",
          server_error},
      row{"ollama", 200, R"({"error":"unexpected EOF"})", server_error},
      row{"llamacpp", 400, R"({"error":{"code":400,"message":"x","type":"invalid_request_error"}})",
          bad_request},
      row{"llamacpp", 401,
          R"({"error":{"code":401,"message":"Invalid API Key","type":"authentication_error"}})",
          auth},
      row{"llamacpp", 403, R"({"error":{"code":403,"message":"x","type":"permission_error"}})",
          auth},
      row{"llamacpp", 404, R"({"error":{"code":404,"message":"x","type":"not_found_error"}})",
          bad_request},
      row{"llamacpp", 500, R"({"error":{"code":500,"message":"x","type":"server_error"}})",
          server_error},
      row{"llamacpp", 501, R"({"error":{"code":501,"message":"x","type":"not_supported_error"}})",
          bad_request},
      row{"llamacpp", 503,
          R"({"error":{"code":503,"message":"Loading model","type":"unavailable_error"}})",
          overloaded},
      row{"llamacpp", 400,
          R"({"error":{"code":400,"message":"the request exceeds","type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":4096}})",
          context_too_long},
      row{"vllm", 400,
          R"({"error":{"message":"bad","type":"BadRequestError","param":null,"code":400}})",
          bad_request},
      row{"vllm", 400,
          R"({"error":{"message":"This model's maximum context length is 4096 tokens. However, you requested 5000 tokens","type":"BadRequestError","param":null,"code":400}})",
          context_too_long},
      row{"vllm", 400,
          R"({"object":"error","message":"This model's maximum context length is 4096 tokens.","type":"BadRequestError","param":null,"code":400})",
          context_too_long},
      row{"vllm", 404,
          R"({"error":{"message":"The model `x` does not exist.","type":"NotFoundError","param":null,"code":404}})",
          bad_request},
      row{"vllm", 404, R"({"detail":"Not Found"})", bad_request},
      row{"vllm", 422,
          R"({"detail":[{"loc":["body","messages"],"msg":"Field required","type":"missing"}]})",
          bad_request},
      row{"vllm", 500,
          R"({"error":{"message":"x","type":"InternalServerError","param":null,"code":500}})",
          server_error},
  };
  check(rows);
  CHECK(error_of("vllm", 422,
                 R"({"detail":[{"loc":["body"],"msg":"Field required","type":"missing"}]})")
            .message == "Field required");
}

}  // namespace assay::tests
