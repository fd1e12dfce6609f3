#include "app/hub/hub_search_model.h"

#include <QDateTime>
#include <algorithm>
#include <limits>
#include <utility>

#include "app/bridge/error_text.h"
#include "app/hub/hub_texts.h"
#include "app/hub/hub_worker.h"
#include "app/system/number_format.h"

namespace sotto::app {
namespace {

constexpr int kTypingRestMs = 300;
// Pages that hold nothing of what is wanted, before it is up to the user to look further.
constexpr int kMostEmptyPages = 5;

QString asHubText(const std::string& text) { return QString::fromStdString(text); }

}  // namespace

HubSearchModel::HubSearchModel(const HubFilesParts& parts, QObject* parent)
    : QAbstractListModel(parent), m_parts(parts), m_format(std::make_unique<NumberFormat>()) {
    m_rest.setSingleShot(true);
    m_rest.setInterval(kTypingRestMs);
    connect(&m_rest, &QTimer::timeout, this, &HubSearchModel::search);
    connect(&m_language, &LanguageWatch::changed, this, &HubSearchModel::followLanguage);
    followLanguage();
}

HubSearchModel::~HubSearchModel() { m_asking.request_stop(); }

void HubSearchModel::followLanguage() {
    m_format->followLanguage();
    if (!m_rows.empty()) emit dataChanged(index(0), index(rowCount() - 1));
    emit languageChanged();
    emit stateChanged();
}

void HubSearchModel::setText(const QString& text) {
    if (text == m_wish.text || m_parts.hub == nullptr) return;
    m_wish.text = text;
    emit wishChanged();
    // What is under way answers a question that is not asked any more.
    m_asking.request_stop();
    if (text.trimmed().isEmpty()) {
        clear();
        return;
    }
    m_rest.start();
    follow(Searching);
}

void HubSearchModel::clear() {
    m_rest.stop();
    m_asking.request_stop();
    m_isFetching = false;
    m_error.reset();
    if (!m_wish.text.isEmpty()) {
        m_wish.text.clear();
        emit wishChanged();
    }
    clearRows();
    follow(Idle);
}

void HubSearchModel::search() {
    if (m_parts.hub == nullptr) return;
    m_rest.stop();
    m_asking.request_stop();
    m_nEmptyPages = 0;
    m_isFetching = false;
    m_error.reset();
    follow(Searching);
    m_asking = m_parts.worker->start(
        this,
        [hub = m_parts.hub, query = hubQueryOf(m_wish)](const std::stop_token& stop) {
            return hub->client().search(query, stop);
        },
        [this](Result<net::HubPage> page) { takePage(std::move(page), true); });
}

bool HubSearchModel::canFetchMore(const QModelIndex& parent) const {
    return !parent.isValid() && m_state == Found && !m_isFetching && !m_error &&
           !m_page.next.empty();
}

void HubSearchModel::fetchMore(const QModelIndex& parent) {
    if (!canFetchMore(parent)) return;
    m_nEmptyPages = 0;
    askNext();
}

void HubSearchModel::lookFurther() {
    if (m_state != NothingFound || m_page.next.empty()) return;
    m_nEmptyPages = 0;
    m_state = Searching;
    askNext();
}

void HubSearchModel::askNext() {
    m_isFetching = true;
    emit stateChanged();
    m_asking = m_parts.worker->start(
        this,
        [hub = m_parts.hub, next = net::HubPage{{}, m_page.next}](const std::stop_token& stop) {
            return hub->client().nextPage(next, stop);
        },
        [this](Result<net::HubPage> page) { takePage(std::move(page), false); });
}

void HubSearchModel::takePage(Result<net::HubPage> page, bool isFirst) {
    m_isFetching = false;
    if (isFirst) clearRows();
    if (!page) {
        m_error = page.error();
        follow(m_rows.empty() ? Failed : Found);
        return;
    }
    m_nSeen += static_cast<int>(page->models.size());
    std::vector<Row> more;
    for (net::HubModel& model : page->models) {
        if (!isHubModelWanted(m_wish, model, m_parts.machine.largestFile()) ||
            !m_known.insert(model.repository).second)
            continue;
        more.push_back({.model = std::move(model), .files = nullptr});
    }
    m_page.next = std::move(page->next);
    if (!more.empty()) {
        beginInsertRows({}, rowCount(), rowCount() + static_cast<int>(more.size()) - 1);
        std::ranges::move(more, std::back_inserter(m_rows));
        endInsertRows();
    }
    m_nEmptyPages = more.empty() ? m_nEmptyPages + 1 : 0;
    const bool goesOn = more.empty() && !m_page.next.empty() && m_nEmptyPages < kMostEmptyPages;
    follow(!m_rows.empty() ? Found : goesOn ? Searching : NothingFound);
    if (goesOn) askNext();
}

void HubSearchModel::clearRows() {
    m_known.clear();
    m_page = {};
    m_nSeen = 0;
    if (m_rows.empty()) return;
    beginResetModel();
    m_rows.clear();
    endResetModel();
}

void HubSearchModel::follow(State state) {
    m_state = state;
    emit stateChanged();
}

void HubSearchModel::readRefused() {
    for (const Row& row : m_rows)
        if (row.files != nullptr) row.files->readRefused();
}

void HubSearchModel::toggle(int row) {
    if (row < 0 || row >= rowCount()) return;
    Row& found = m_rows[static_cast<std::size_t>(row)];
    // The row's own items hold the files until they have heard that it is closed.
    const std::unique_ptr<HubFilesModel> closed = std::move(found.files);
    if (!closed) {
        found.files = std::make_unique<HubFilesModel>(m_parts, found.model);
        connect(this, &HubSearchModel::machineChanged, found.files.get(),
                &HubFilesModel::forecastAgain);
        connect(this, &HubSearchModel::ratesChanged, found.files.get(),
                &HubFilesModel::followRates);
    }
    emit dataChanged(index(row), index(row), {IsOpenRole, FilesRole, SpokenTextRole});
}

QString HubSearchModel::problem() const { return m_error ? errorText(*m_error) : QString(); }
QString HubSearchModel::problemTitle() const {
    return m_error ? titleOf(m_error->code) : QString();
}
QString HubSearchModel::titleOf(ErrorCode code) {
    switch (code) {
        case ErrorCode::Offline: return tr("Sotto is set to offline");
        case ErrorCode::RateLimited: return tr("Too many requests");
        case ErrorCode::Unreachable:
        case ErrorCode::ProxyFailed: return tr("No connection");
        default: return tr("The hub could not be searched");
    }
}
QVariantList HubSearchModel::sorts() const { return sortChoices(); }
QVariantList HubSearchModel::licences() const { return licenceChoices(); }
QVariantList HubSearchModel::sizes() const { return sizeChoices(); }
QVariantList HubSearchModel::families() const { return familyChoices(); }
QVariantList HubSearchModel::types() const { return typeChoices(); }

int HubSearchModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant HubSearchModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= rowCount()) return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    const net::HubModel& model = row.model;
    const QString repository = asHubText(model.repository);
    switch (role) {
        case RepositoryRole: return repository;
        case OwnerRole: return repository.section(QLatin1Char('/'), 0, -2);
        case NameRole: return repository.section(QLatin1Char('/'), -1);
        case ParametersRole: return parametersText(model.nParameters, *m_format);
        case ArchitectureRole: return asHubText(model.architecture);
        case RunProblemRole: return architectureProblem(model.architecture);
        case ContextTokensRole:
            return static_cast<int>(
                std::min<std::uint64_t>(model.contextLength, std::numeric_limits<int>::max()));
        case LicenceRole: return licenceText(model.license);
        case IsGatedRole: return model.gate != net::HubGate::Open;
        case UpdatedRole: {
            const auto time =
                QDateTime::fromString(asHubText(model.lastModified), Qt::ISODateWithMs);
            return time.isValid() ? m_format->day(time) : QString();
        }
        case DownloadsRole: return m_format->shortCount(static_cast<double>(model.nDownloads));
        case IsOpenRole: return row.files != nullptr;
        case FilesRole: return QVariant::fromValue(row.files.get());
        case SpokenTextRole: return spokenText(row);
        default: return {};
    }
}

QString HubSearchModel::spokenText(const Row& row) const {
    const net::HubModel& model = row.model;
    QStringList parts{asHubText(model.repository)};
    const auto say = [&parts](const QString& text) {
        if (!text.isEmpty()) parts.append(text);
    };
    say(parametersText(model.nParameters, *m_format));
    say(tr("%1 downloads").arg(m_format->shortCount(static_cast<double>(model.nDownloads))));
    say(licenceText(model.license));
    if (model.gate != net::HubGate::Open) say(tr("gated"));
    say(architectureProblem(model.architecture));
    if (row.files) say(tr("files shown"));
    return parts.join(QStringLiteral(", "));
}

QHash<int, QByteArray> HubSearchModel::roleNames() const {
    return {{RepositoryRole, "repository"},
            {OwnerRole, "owner"},
            {NameRole, "name"},
            {ParametersRole, "parameters"},
            {ArchitectureRole, "architecture"},
            {RunProblemRole, "runProblem"},
            {ContextTokensRole, "contextTokens"},
            {LicenceRole, "licence"},
            {IsGatedRole, "isGated"},
            {UpdatedRole, "updated"},
            {DownloadsRole, "downloads"},
            {IsOpenRole, "isOpen"},
            {FilesRole, "files"},
            {SpokenTextRole, "spokenText"}};
}

}  // namespace sotto::app
