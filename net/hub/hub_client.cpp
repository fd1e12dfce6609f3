#include "net/api/hub_client.h"

#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include "net/download/file_path.h"
#include "net/hub/hub.h"
#include "net/hub/hub_json.h"
#include "net/hub/repository_name.h"
#include "net/hub/resolve.h"
#include "net/net_error.h"

namespace sotto::net {
namespace {

// A thousand files a page; no model has so many.
constexpr std::size_t kMaxTreePages = 200;

const char* sortName(HubSort sort) {
    switch (sort) {
        case HubSort::Downloads: return "downloads";
        case HubSort::Likes: return "likes";
        case HubSort::LastModified: return "lastModified";
        case HubSort::CreatedAt: return "createdAt";
        case HubSort::Trending: return "trendingScore";
    }
    return "downloads";
}

std::string searchTarget(const HubQuery& query) {
    std::string target = "/api/models?sort=" + std::string(sortName(query.sort)) +
                         "&limit=" + std::to_string(std::clamp(query.limit, 1, 100));
    const auto add = [&target](std::string_view name, const std::string& value) {
        if (value.empty()) return;
        target += "&" + std::string(name) + "=" + percentEncoded(value);
    };
    add("search", query.text);
    add("author", query.author);
    for (const std::string& filter : query.filters) add("filter", filter);
    add("pipeline_tag", query.pipelineTag);
    add("num_parameters", query.parameters);
    if (query.isGated) add("gated", *query.isGated ? "true" : "false");
    for (const char* field : {"author", "cardData", "createdAt", "downloads", "gated", "gguf",
                              "lastModified", "likes", "sha", "siblings", "tags", "trendingScore"})
        add("expand", field);
    return target;
}

// A mirror may name the server that it mirrors; its pages are asked of the hub that was chosen.
Result<Url> onThisHub(const Hub& hub, const std::string& address) {
    auto url = hub.address("").resolve(address);
    if (!url) return fail(answerError(hub.host(), "its next page has no address"));
    const Url server = hub.address("");
    url->scheme = server.scheme;
    url->host = server.host;
    url->port = server.port;
    return url;
}

// A page and where the next one is.
struct Page {
    std::string body;
    std::string next;
};

Result<Page> fetchPage(const Hub& hub, Url url, Purpose purpose, const std::string& subject,
                       const std::stop_token& stop) {
    const HttpCall call{.url = std::move(url), .purpose = purpose};
    SOTTO_ASSIGN(HttpAnswer answer, hub.ask(call, HubWindow::Api, subject, stop));
    Page page;
    page.next = nextLink(answer.head.headers.text("Link"));
    SOTTO_ASSIGN(page.body, hub.bodyOf(answer, stop));
    return page;
}

Result<HubPage> searchPage(const Hub& hub, Url url, const std::stop_token& stop) {
    SOTTO_ASSIGN(Page page, fetchPage(hub, std::move(url), Purpose::Search, kSearchSubject, stop));
    auto models = parseModels(page.body);
    if (!models) return fail(answerError(hub.host(), "it is no list of models"));
    return HubPage{.models = std::move(*models), .next = std::move(page.next)};
}

// A token stays with its origin.
HubOptions optionsAt(HubOptions options, const std::string& endpoint) {
    if (originOf(endpoint) != originOf(options.endpoint)) options.token.clear();
    options.endpoint = endpoint;
    return options;
}

}  // namespace

std::string originOf(const std::string& endpoint) {
    const auto url = Url::parse(endpoint);
    if (!url) return {};
    const bool isUsualPort = url->port == (url->scheme == "https" ? 443 : 80);
    return isUsualPort ? url->scheme + "://" + url->host : url->origin();
}

Result<std::unique_ptr<HubClient>> HubClient::create(Network& network, HubOptions options) {
    auto hub = Hub::create(network, std::move(options));
    if (!hub) return fail(hub.error());
    return std::unique_ptr<HubClient>(new HubClient(network, std::move(*hub)));
}

HubClient::HubClient(Network& network, std::shared_ptr<const Hub> hub)
    : m_network(network), m_hub(std::move(hub)) {}
HubClient::~HubClient() = default;

Status HubClient::setOptions(HubOptions options) {
    SOTTO_ASSIGN(std::unique_ptr<Hub> hub, Hub::create(m_network, std::move(options)));
    const std::lock_guard lock(m_mutex);
    hub->takeLimitsOf(*m_hub);
    m_hub = std::move(hub);
    return {};
}

Status HubClient::setEndpoint(const std::string& endpoint) {
    return setOptions(optionsAt(options(), endpoint));
}

Result<std::unique_ptr<HubClient>> HubClient::at(const std::string& endpoint) const {
    const auto hub = this->hub();
    if (endpoint.empty() || endpoint == hub->options().endpoint)
        return std::unique_ptr<HubClient>(new HubClient(m_network, hub));
    return create(m_network, optionsAt(hub->options(), endpoint));
}

HubOptions HubClient::options() const { return hub()->options(); }

std::shared_ptr<const Hub> HubClient::hub() const {
    const std::lock_guard lock(m_mutex);
    return m_hub;
}

Result<HubPage> HubClient::search(const HubQuery& query, const std::stop_token& stop) const {
    const auto hub = this->hub();
    return searchPage(*hub, hub->address(searchTarget(query)), stop);
}

Result<HubPage> HubClient::nextPage(const HubPage& page, const std::stop_token& stop) const {
    if (page.next.empty()) return HubPage();
    const auto hub = this->hub();
    SOTTO_ASSIGN(Url url, onThisHub(*hub, page.next));
    return searchPage(*hub, std::move(url), stop);
}

Result<std::vector<HubFile>> HubClient::files(const std::string& repository,
                                              const std::string& revision,
                                              const std::stop_token& stop) const {
    SOTTO_TRY(checkRepository(repository));
    const auto hub = this->hub();
    const std::string& wanted = revision.empty() ? hub->options().defaultRevision : revision;
    SOTTO_TRY(checkRevision(wanted));
    Url url = hub->address("/api/models/" + repository + "/tree/" + percentEncoded(wanted) +
                           "?recursive=true");
    std::vector<HubFile> files;
    for (std::size_t nPages = 0; nPages < kMaxTreePages; ++nPages) {
        SOTTO_ASSIGN(const Page page, fetchPage(*hub, url, Purpose::Files, repository, stop));
        auto more = parseTree(page.body);
        if (!more) return fail(answerError(hub->host(), "it is no list of files"));
        files.insert(files.end(), std::make_move_iterator(more->begin()),
                     std::make_move_iterator(more->end()));
        if (page.next.empty()) return files;
        SOTTO_ASSIGN(url, onThisHub(*hub, page.next));
    }
    return fail(answerError(hub->host(), "its list of files has no end"));
}

Result<HubReadme> HubClient::readme(const std::string& repository, const std::string& revision,
                                    const std::stop_token& stop) const {
    SOTTO_TRY(checkRepository(repository));
    const auto hub = this->hub();
    const std::string& wanted = revision.empty() ? hub->options().defaultRevision : revision;
    SOTTO_TRY(checkRevision(wanted));
    const HttpCall call{
        .url = hub->address("/" + repository + "/resolve/" + percentEncoded(wanted) + "/README.md"),
        .purpose = Purpose::Card};
    SOTTO_ASSIGN(HttpAnswer answer,
                 hub->ask(call, HubWindow::Resolve, repository + ": README.md", stop));
    if (answer.head.status != 200)
        return fail(
            answerError(answer.url.host, "its status is " + std::to_string(answer.head.status)));
    HubReadme readme;
    while (true) {
        SOTTO_ASSIGN(const std::vector<std::byte> more, answer.stream->next(stop));
        if (more.empty()) return readme;
        const std::size_t nRoom = kMaxReadmeBytes - readme.text.size();
        readme.text.append(reinterpret_cast<const char*>(more.data()),
                           std::min(nRoom, more.size()));
        readme.isWhole = more.size() <= nRoom;
        if (!readme.isWhole) return readme;  // the rest is never read
    }
}

Result<ResolvedFile> HubClient::resolve(const std::string& repository, const std::string& revision,
                                        const std::string& path,
                                        const std::stop_token& stop) const {
    const auto hub = this->hub();
    const std::string& wanted = revision.empty() ? hub->options().defaultRevision : revision;
    SOTTO_ASSIGN(ResolvedFile file, resolveFile(*hub, repository, wanted, path, stop));
    if (!file.sha256.empty() || !file.blobSha1.empty()) return file;
    // A mirror with ETags of its own: the list of files has the hashes, too.
    SOTTO_ASSIGN(const std::vector<HubFile> all,
                 files(repository, file.commit.empty() ? wanted : file.commit, stop));
    for (const HubFile& other : all) {
        if (other.path != path || other.nBytes != file.nBytes) continue;
        file.sha256 = other.sha256;
        file.blobSha1 = other.blobSha1;
    }
    if (file.sha256.empty() && file.blobSha1.empty())
        return fail(answerError(hub->host(), "it has no hash to check the file by"));
    return file;
}

Result<std::vector<std::byte>> HubClient::header(const ResolvedFile& file, std::size_t nBytes,
                                                 const std::stop_token& stop) const {
    return range(file, 0, nBytes, stop);
}

Result<std::vector<std::byte>> HubClient::range(const ResolvedFile& file, std::uint64_t first,
                                                std::size_t nBytes,
                                                const std::stop_token& stop) const {
    SOTTO_ASSIGN(Url url, Url::parse(file.address));
    const std::size_t wanted =
        std::min<std::uint64_t>(nBytes, file.nBytes - std::min(first, file.nBytes));
    std::vector<std::byte> bytes;
    if (wanted == 0) return bytes;
    const HttpCall call{.url = std::move(url),
                        .headers = {"Range: bytes=" + std::to_string(first) + "-" +
                                    std::to_string(first + wanted - 1)},
                        .purpose = Purpose::Header};
    SOTTO_ASSIGN(HttpAnswer answer,
                 hub()->ask(call, HubWindow::Resolve, file.repository + ": " + file.path, stop));
    const auto range = parseContentRange(answer.head.headers.text("Content-Range"));
    // 200 is the whole file: what lies before is skipped, and the rest is never read.
    const bool isWhole = answer.head.status == 200;
    if (!isWhole && (answer.head.status != 206 || !range || range->first != first))
        return fail(answerError(answer.url.host, "it is not the part of the file that was asked"));
    std::uint64_t nToSkip = isWhole ? first : 0;
    while (bytes.size() < wanted) {
        SOTTO_ASSIGN(const std::vector<std::byte> more, answer.stream->next(stop));
        if (more.empty()) break;
        std::span<const std::byte> rest(more);
        rest = rest.subspan(std::min<std::uint64_t>(nToSkip, rest.size()));
        nToSkip -= more.size() - rest.size();
        rest = rest.first(std::min(rest.size(), wanted - bytes.size()));
        bytes.insert(bytes.end(), rest.begin(), rest.end());
    }
    return bytes;
}

}  // namespace sotto::net
