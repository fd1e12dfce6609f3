// libFuzzer: arbitrary bytes as what a hub answers: JSON of a search and of a list of files, the
// headers of an answer, an address that it leads to, a path of a file.
//
// What is taken from them must be what the rest of the program may rely on.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "net/download/file_path.h"
#include "net/http/headers.h"
#include "net/http/url.h"
#include "net/hub/hub_json.h"
#include "net/hub/repository_name.h"

using namespace sotto::net;

namespace {

void readJson(std::string_view text) {
    if (const auto models = parseModels(text))
        for (const HubModel& model : *models) {
            SOTTO_CHECK(checkRepository(model.repository).has_value());
            for (const std::string& path : model.files)
                SOTTO_CHECK(checkFilePath(path).has_value());
        }
    if (const auto files = parseTree(text))
        for (const HubFile& file : *files) {
            SOTTO_CHECK(checkFilePath(file.path).has_value());
            SOTTO_CHECK(file.sha256.empty() || isHex(file.sha256, 64));
            SOTTO_CHECK(file.blobSha1.empty() || isHex(file.blobSha1, 40));
        }
}

void readHeaders(std::string_view text) {
    HttpHeaders headers;
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t end = rest.find('\n');
        headers.add(rest.substr(0, end));
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
    (void)headers.text("Content-Range");
    if (const auto range = parseContentRange(text)) {
        SOTTO_CHECK(range->first <= range->last);
        SOTTO_CHECK(!range->total || range->last < *range->total);
    }
    (void)nextLink(text);
    (void)bareEtag(text);
    (void)parseRateLimit(text);
    (void)parseRetryAfter(text);
}

// An address that was taken reads the same again, and has no line's end in it.
void readAddress(std::string_view text) {
    const auto base = Url::parse("https://hub/a/b?c=d");
    SOTTO_CHECK(base.has_value());
    for (const auto& url : {Url::parse(text), base->resolve(text)}) {
        if (!url) continue;
        SOTTO_CHECK(url->scheme == "http" || url->scheme == "https");
        SOTTO_CHECK(url->text().find_first_of("\r\n ") == std::string::npos);
        const auto again = Url::parse(url->text());
        SOTTO_CHECK(again.has_value() && again->origin() == url->origin());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    readJson(text);
    readHeaders(text);
    readAddress(text);
    (void)targetIn("/tmp", text);
    return 0;
}
