// What a Hugging Face-compatible hub says of its models and files. Plain values; nothing in them is
// more than its claim.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sotto::net {

enum class HubSort : std::uint8_t { Downloads, Likes, LastModified, CreatedAt, Trending };
// Whether the terms of a model must be accepted first: at once, or by a person who answers.
enum class HubGate : std::uint8_t { Open, Auto, Manual };

struct HubQuery {
    std::string text;
    std::string author;
    std::vector<std::string> filters = {"gguf"};  // "license:mit", "base_model:quantized:a/b"
    std::string pipelineTag;
    std::string parameters;  // "min:6B,max:32B"; empty: all
    std::optional<bool> isGated;
    HubSort sort = HubSort::Downloads;
    int limit = 50;  // of one page
};

struct HubModel {
    std::string repository;  // "owner/name"
    std::string author;
    std::string commit;
    std::string license;  // as the hub spells it, "apache-2.0"; empty: not said
    std::string pipelineTag;
    std::string createdAt;  // ISO 8601
    std::string lastModified;
    std::vector<std::string> baseModels;
    std::vector<std::string> tags;
    std::vector<std::string> files;  // paths, where the hub told them
    std::uint64_t nDownloads = 0;
    std::uint64_t nLikes = 0;
    double trendingScore = 0;
    HubGate gate = HubGate::Open;
    // Of one file of the repository, and it is not said which: 0 and empty where unknown.
    std::uint64_t nParameters = 0;
    std::uint64_t contextLength = 0;
    std::string architecture;
};

struct HubPage {
    std::vector<HubModel> models;
    std::string next;  // for HubClient::nextPage(); empty: this was the last
};

struct HubFile {
    std::string path;  // in its repository, with '/'
    std::uint64_t nBytes = 0;
    std::string sha256;    // 64 hexadecimal digits; empty for a file that git itself keeps
    std::string blobSha1;  // git's hash of such a file, 40 digits
};

// What the author of a repository says of it: its README.md, or as much as is read of one.
struct HubReadme {
    std::string text;  // as it was sent
    bool isWhole = true;
};

// One file at one commit.
struct ResolvedFile {
    std::string repository;
    std::string path;
    std::string commit;  // empty where a mirror does not say
    std::uint64_t nBytes = 0;
    std::string sha256;  // one of the two
    std::string blobSha1;
    std::string address;  // where the bytes are; signed, for an hour
};

}  // namespace sotto::net
