#include "net/hub/resolve.h"

#include "net/download/file_path.h"
#include "net/hub/hub_json.h"
#include "net/hub/repository_name.h"
#include "net/net_error.h"

namespace sotto::net {
namespace {

Result<std::string> bytesAddress(const HttpAnswer& answer) {
    const auto location = answer.head.headers.find("Location");
    if (answer.head.status < 300 || !location) return answer.url.text();
    const auto next = answer.url.resolve(*location);
    if (!next) return fail(answerError(answer.url.host, "it leads to a place that is no address"));
    if (answer.url.scheme == "https" && next->scheme == "http")
        return fail(answerError(answer.url.host, "it leads from https to http"));
    return next->text();
}

}  // namespace

Result<ResolvedFile> resolveFile(const Hub& hub, const std::string& repository,
                                 const std::string& revision, const std::string& path,
                                 const std::stop_token& stop) {
    SOTTO_TRY(checkRepository(repository));
    SOTTO_TRY(checkRevision(revision));
    SOTTO_TRY(checkFilePath(path));
    const std::string target =
        "/" + repository + "/resolve/" + percentEncoded(revision) + "/" + percentEncoded(path, "/");
    const HttpCall call{.method = HttpMethod::Head,
                        .url = hub.address(target),
                        .purpose = Purpose::Resolve,
                        .isEnough = [](const HttpHead& head) {
                            return head.headers.find("X-Linked-Etag").has_value();
                        }};
    SOTTO_ASSIGN(const HttpAnswer answer,
                 hub.ask(call, HubWindow::Resolve, repository + ": " + path, stop));

    ResolvedFile file{.repository = repository, .path = path};
    SOTTO_ASSIGN(file.address, bytesAddress(answer));
    file.commit = answer.header("X-Repo-Commit");
    if (!isHex(file.commit, 40)) file.commit.clear();
    // The answer's own length and ETag are the file's where it leads nowhere else.
    const bool isFile = answer.head.status == 200;
    std::string etag = bareEtag(answer.header("X-Linked-Etag"));
    if (etag.empty() && isFile) etag = bareEtag(answer.head.headers.text("ETag"));
    if (isHex(etag, 64)) file.sha256 = etag;
    if (isHex(etag, 40)) file.blobSha1 = etag;
    std::string size = answer.header("X-Linked-Size");
    if (size.empty() && isFile) size = answer.head.headers.text("Content-Length");
    const auto nBytes = parseCount(size);
    if (!nBytes) return fail(answerError(answer.url.host, "it does not say how large the file is"));
    if (*nBytes > kMaxFileBytes) return fail(tooLargeError(path, *nBytes, kMaxFileBytes));
    file.nBytes = *nBytes;
    return file;
}

}  // namespace sotto::net
