#include "app/hub/hub_files_model.h"

#include <QUrl>
#include <algorithm>
#include <system_error>

#include "app/bridge/error_text.h"
#include "app/core/hub/entry_download.h"
#include "app/hub/download_list_model.h"
#include "app/hub/hub_card.h"
#include "app/hub/hub_texts.h"
#include "app/hub/hub_worker.h"
#include "app/models/model_texts.h"
#include "app/system/number_format.h"

namespace sotto::app {
namespace {

// Of headers, for the files of one model; more is read when it is asked for.
constexpr std::uint64_t kMostHeaderBytes = std::uint64_t{24} << 20;

// What stands in the way of one file stands in the way of all.
bool isOfTheHub(ErrorCode code) {
    constexpr ErrorCode kOfTheHub[] = {ErrorCode::Offline,      ErrorCode::Unreachable,
                                       ErrorCode::ProxyFailed,  ErrorCode::AccessGated,
                                       ErrorCode::TokenRefused, ErrorCode::CertificateRefused,
                                       ErrorCode::RateLimited,  ErrorCode::HubFailed};
    return std::ranges::find(kOfTheHub, code) != std::end(kOfTheHub);
}

}  // namespace

bool HubFilesModel::Row::hasSameWay(const Row& other) const {
    return isInstalled == other.isInstalled && isOnItsWay == other.isOnItsWay && way == other.way &&
           nReceivedBytes == other.nReceivedBytes;
}

HubFilesModel::HubFilesModel(const HubFilesParts& parts, net::HubModel model, QObject* parent)
    : QAbstractListModel(parent),
      m_parts(parts),
      m_model(std::move(model)),
      m_format(std::make_unique<NumberFormat>()) {
    connect(m_parts.downloads, &DownloadListModel::listed, this, &HubFilesModel::followDownloads);
    connect(m_parts.downloads, &DownloadListModel::finished, this, &HubFilesModel::lookAgain);
    connect(m_parts.downloads, &DownloadListModel::refused, this, [this](const QString& of) {
        m_isRefused = of == QString::fromStdString(m_model.repository);
        emit stateChanged();
    });
    connect(&m_language, &LanguageWatch::changed, this, &HubFilesModel::followLanguage);
    followLanguage();
    read();
}

void HubFilesModel::followLanguage() {
    m_format->followLanguage();
    if (!m_rows.empty()) emit dataChanged(index(0), index(rowCount() - 1));
    emit stateChanged();
}

HubFilesModel::~HubFilesModel() {
    m_reading.request_stop();
    m_forecasting.request_stop();
    m_planning.request_stop();
    if (m_parts.card != nullptr && m_parts.card->repository() == repository())
        m_parts.card->close();
}

QString HubFilesModel::repository() const { return QString::fromStdString(m_model.repository); }

void HubFilesModel::openCard() {
    if (m_parts.card != nullptr) m_parts.card->open(repository(), m_model.commit);
}

std::filesystem::path HubFilesModel::folder() const {
    return entryFolder(m_parts.hub->folder(), m_model.repository);
}

void HubFilesModel::read() {
    m_state = Reading;
    m_error.reset();
    emit stateChanged();
    m_reading.request_stop();
    m_forecasting.request_stop();
    m_reading = m_parts.worker->start(
        this,
        [hub = m_parts.hub, repository = m_model.repository, commit = m_model.commit,
         folder = folder()](const std::stop_token& stop) -> Result<std::vector<Row>> {
            auto files = hub->client().files(repository, commit, stop);
            if (!files) return fail(files.error());
            return installedRows(std::move(*files), folder);
        },
        [this, token = m_parts.hub->client().options().token](Result<std::vector<Row>> rows) {
            if (!rows && isRefusedFor(token, rows.error())) return read();
            take(std::move(rows));
        });
}

std::vector<HubFilesModel::Row> HubFilesModel::installedRows(std::vector<net::HubFile> files,
                                                             const std::filesystem::path& folder) {
    std::vector<Row> rows;
    for (HubEntry& entry : hubEntries(std::move(files))) {
        if (entry.kind != HubEntryKind::Model) continue;
        const bool isInstalled = isEntryThere(entry, folder);
        rows.push_back({.entry = std::move(entry), .isInstalled = isInstalled, .wayProblem = {}});
    }
    return rows;
}

void HubFilesModel::take(Result<std::vector<Row>> rows) {
    beginResetModel();
    m_rows = rows ? std::move(*rows) : std::vector<Row>();
    endResetModel();
    m_error = rows ? std::nullopt : std::optional<Error>(rows.error());
    m_state = m_error ? Failed : m_rows.empty() ? Empty : Ready;
    followDownloads();
    emit stateChanged();
    m_nHeaderBytes = 0;
    readNextHeader();
}

// For want of the token that there is by now.
bool HubFilesModel::isRefusedFor(const std::string& token, const Error& error) const {
    return isOfTheToken(error.code) && m_parts.hub->client().options().token != token;
}

void HubFilesModel::readRefused() {
    if (m_state == Failed && isOfTheToken(m_error->code)) return read();
    for (int at = 0; at < rowCount(); ++at) {
        const Row& row = m_rows[static_cast<std::size_t>(at)];
        if (row.forecasting != Forecasting::Failed || !isOfTheToken(row.forecastProblem.code))
            continue;
        m_nHeaderBytes = 0;  // which that failure had used up
        forecast(at);
    }
}

void HubFilesModel::forecast(int row) {
    if (row < 0 || row >= rowCount()) return;
    Row& wanted = m_rows[static_cast<std::size_t>(row)];
    if (wanted.forecasting != Forecasting::NotAsked && wanted.forecasting != Forecasting::Failed)
        return;
    wanted.forecasting = Forecasting::Asked;
    emit dataChanged(index(row), index(row));
    readNextHeader();
}

// One at a time: what somebody asked for, then the others as long as that is cheap.
void HubFilesModel::readNextHeader() {
    const auto first = [this](Forecasting state) {
        return std::ranges::find_if(m_rows, [state](const Row& row) {
            return row.forecasting == state && row.entry.isWhole();
        });
    };
    if (first(Forecasting::Reading) != m_rows.end()) return;
    auto next = first(Forecasting::Asked);
    if (next == m_rows.end() && m_nHeaderBytes < kMostHeaderBytes)
        next = first(Forecasting::NotAsked);
    if (next == m_rows.end()) return;
    next->forecasting = Forecasting::Reading;
    const int row = static_cast<int>(next - m_rows.begin());
    emit dataChanged(index(row), index(row));
    m_forecasting = m_parts.worker->start(
        this,
        [hub = m_parts.hub, repository = m_model.repository, commit = m_model.commit,
         entry = next->entry, setting = m_parts.machine.forecast()](
            const std::stop_token& stop) -> Result<ReadForecast> {
            SOTTO_ASSIGN(HubHeaders headers,
                         readHeaders(hub->client(), repository, commit, entry, stop));
            return forecastOf(std::make_shared<const HubHeaders>(std::move(headers)), setting);
        },
        [this, name = next->entry.name,
         token = m_parts.hub->client().options().token](const Result<ReadForecast>& read) {
            takeForecast(name, read);
            if (!read && isRefusedFor(token, read.error())) readRefused();
        });
}

Result<HubFilesModel::ReadForecast> HubFilesModel::forecastOf(
    std::shared_ptr<const HubHeaders> headers, const ForecastSetting& setting) {
    ReadForecast read;
    SOTTO_ASSIGN(read.forecast, forecastHeaders(*headers, setting));
    read.headers = std::move(headers);
    read.hasCard = setting.devices.card.has_value();
    return read;
}

void HubFilesModel::forecastAgain() {
    std::vector<std::pair<std::string, std::shared_ptr<const HubHeaders>>> known;
    for (const Row& row : m_rows)
        if (row.made) known.emplace_back(row.entry.name, row.made->headers);
    m_planning.request_stop();
    if (known.empty()) return;
    using Made = std::vector<std::pair<std::string, ReadForecast>>;
    m_planning = m_parts.worker->start(
        this,
        [known = std::move(known),
         setting = m_parts.machine.forecast()](const std::stop_token& stop) -> Result<Made> {
            Made made;
            for (const auto& [name, headers] : known) {
                if (stop.stop_requested()) break;
                auto read = forecastOf(headers, setting);
                if (read) made.emplace_back(name, std::move(*read));
            }
            return made;
        },
        [this](const Result<Made>& made) {
            if (!made) return;
            const KnownRates rates = m_parts.machine.forecast().rates;
            for (const auto& [name, read] : *made)
                for (Row& row : m_rows)
                    if (row.entry.name == name && row.made && row.made->headers == read.headers)
                        setForecast(row, read, rates);
            if (!m_rows.empty()) emit dataChanged(index(0), index(rowCount() - 1));
            emit forecastMade();
        });
}

void HubFilesModel::followRates() {
    const KnownRates rates = m_parts.machine.forecast().rates;
    for (Row& row : m_rows)
        if (row.made) setForecast(row, std::move(*row.made), rates);
    if (!m_rows.empty()) emit dataChanged(index(0), index(rowCount() - 1));
}

void HubFilesModel::takeForecast(const std::string& name, const Result<ReadForecast>& read) {
    const auto found =
        std::ranges::find_if(m_rows, [&name](const Row& row) { return row.entry.name == name; });
    if (found == m_rows.end()) return;
    found->forecasting = read ? Forecasting::Made : Forecasting::Failed;
    if (read) {
        for (const auto& part : read->headers->parts) m_nHeaderBytes += part.size();
        setForecast(*found, *read, m_parts.machine.forecast().rates);
        m_parts.machine.wantRates(read->forecast.plan.info);
        emit forecastMade();
    } else {
        found->forecastProblem = read.error();
        if (isOfTheHub(read.error().code)) m_nHeaderBytes = kMostHeaderBytes;
    }
    const int row = static_cast<int>(found - m_rows.begin());
    emit dataChanged(index(row), index(row));
    readNextHeader();
}

void HubFilesModel::setForecast(Row& row, ReadForecast read, const KnownRates& rates) const {
    row.made = std::move(read);
    ModelForecast& made = row.made->forecast;
    const ModelSpeed speed = speedOf(made.plan.info, rates, made.point);
    made.speed = speed.forecast;
    made.basis = speed.basis;
    row.figures = figuresOf(made, row.made->hasCard, m_parts.machine.readBandwidth());
}

int HubFilesModel::contextTokens() const {
    int context = 0;
    for (const Row& row : m_rows) {
        if (row.forecasting != Forecasting::Made) continue;
        if (context != 0 && context != row.figures.contextTokens) return 0;
        context = row.figures.contextTokens;
    }
    return context;
}

// Which of them are here: after one has come, and whenever models were looked for anew.
void HubFilesModel::lookAgain() {
    std::vector<HubEntry> entries;
    for (const Row& row : m_rows) entries.push_back(row.entry);
    m_parts.worker->start(
        this,
        [entries = std::move(entries),
         folder = folder()](const std::stop_token&) -> Result<std::vector<std::string>> {
            std::vector<std::string> there;
            for (const HubEntry& entry : entries)
                if (isEntryThere(entry, folder)) there.push_back(entry.name);
            return there;
        },
        [this](const Result<std::vector<std::string>>& there) {
            for (int at = 0; there && at < rowCount(); ++at) {
                Row& row = m_rows[static_cast<std::size_t>(at)];
                const bool isHere = std::ranges::find(*there, row.entry.name) != there->end();
                if (row.isInstalled == isHere) continue;
                row.isInstalled = isHere;
                emit dataChanged(index(at), index(at));
            }
        });
}

void HubFilesModel::followDownloads() {
    for (int at = 0; at < rowCount(); ++at) {
        Row& row = m_rows[static_cast<std::size_t>(at)];
        Row now = row;
        now.isOnItsWay = false;
        now.nReceivedBytes = 0;
        for (const net::DownloadInfo& info : m_parts.downloads->infos()) {
            const auto isOfIt = [&info](const net::HubFile& file) {
                return file.path == info.record.path;
            };
            if (info.record.repository != m_model.repository ||
                !std::ranges::any_of(row.entry.parts, isOfIt))
                continue;
            const bool isWhole = info.record.state == net::DownloadState::Verified;
            now.nReceivedBytes += isWhole ? info.record.nBytes : info.nReceivedBytes;
            if (!isWhole) {
                now.isOnItsWay = true;
                now.way = info.record.state;
                now.wayProblem = info.record.problem;
            }
        }
        if (row.hasSameWay(now)) continue;
        row = std::move(now);
        emit dataChanged(index(at), index(at));
    }
}

void HubFilesModel::download(int row) {
    if (row < 0 || row >= rowCount() || m_parts.hub == nullptr) return;
    m_isRefused = false;
    emit stateChanged();
    m_parts.downloads->begin({.repository = m_model.repository,
                              .commit = m_model.commit,
                              .entry = m_rows[static_cast<std::size_t>(row)].entry,
                              .folder = m_parts.hub->folder()});
}

QString HubFilesModel::problem() const {
    if (m_error) return errorText(*m_error);
    return m_isRefused ? m_parts.downloads->problem() : QString();
}

QString HubFilesModel::host() const {
    return QUrl(QString::fromStdString(m_parts.hub->client().options().endpoint)).host();
}

QString HubFilesModel::pageUrl() const {
    return QString::fromStdString(m_parts.hub->client().options().endpoint + "/" +
                                  m_model.repository);
}

int HubFilesModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

double HubFilesModel::bitsPerWeight(const Row& row) const {
    if (m_model.nParameters == 0) return 0;
    const double bits =
        static_cast<double>(row.entry.nBytes) * 8 / static_cast<double>(m_model.nParameters);
    return canTypeHave(row.entry.type, bits) ? bits : 0;
}

QVariant HubFilesModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= rowCount()) return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    const auto bytes = static_cast<double>(row.entry.nBytes);
    switch (role) {
        case TypeRole:
            return QString::fromStdString(row.entry.type.empty() ? row.entry.name : row.entry.type);
        case FileNameRole: return QString::fromStdString(row.entry.name);
        case FileBytesRole: return bytes;
        case BitsPerWeightRole: return bitsPerWeight(row);
        case IsInstalledRole: return row.isInstalled;
        case IsOnItsWayRole: return row.isOnItsWay;
        case ShareRole:
            return bytes > 0 ? std::min(1.0, static_cast<double>(row.nReceivedBytes) / bytes) : 0;
        case StateTextRole:
            return row.isOnItsWay ? downloadStateText(row.way, row.wayProblem) : QString();
        case CanDownloadRole: return !row.isInstalled && !row.isOnItsWay;
        case PathRole:
            return QString::fromStdString(
                (folder() / std::filesystem::path(row.entry.parts.front().path)).string());
        case SpokenTextRole: return spokenText(row);
        default: return forecastData(row, role);
    }
}

QVariant HubFilesModel::forecastData(const Row& row, int role) const {
    const bool isMade = row.forecasting == Forecasting::Made;
    switch (role) {
        case HasForecastRole: return isMade;
        case IsForecastingRole:
            return row.forecasting == Forecasting::Asked || row.forecasting == Forecasting::Reading;
        case CanForecastRole:
            return row.forecasting == Forecasting::NotAsked && row.entry.isWhole();
        case ForecastProblemRole:
            return row.forecasting == Forecasting::Failed ? errorText(row.forecastProblem)
                                                          : QString();
        case WeightsBytesRole: return static_cast<double>(row.figures.memory.weights);
        case KvBytesRole: return static_cast<double>(row.figures.memory.kv);
        case ScratchBytesRole: return static_cast<double>(row.figures.memory.scratch);
        case NeededBytesRole: return static_cast<double>(row.figures.memory.total());
        case AvailableBytesRole: return static_cast<double>(row.figures.available);
        case IsOverRole: return row.figures.missing > 0;
        case IsTightRole: return row.figures.isTight;
        case MemoryTextRole: return isMade ? memoryText(row.figures, *m_format) : QString();
        case ForecastNoteRole: return isMade ? forecastNote(row.figures, *m_format) : QString();
        case PredictedSpeedRole: return row.figures.predictedSpeed;
        case IsAtLeastRole: return row.figures.isAtLeast;
        case SpeedLimitRole: return row.figures.speedLimit;
        default: return {};
    }
}

QString HubFilesModel::spokenText(const Row& row) const {
    QStringList parts{
        QString::fromStdString(row.entry.type.empty() ? row.entry.name : row.entry.type),
        m_format->fileSize(static_cast<double>(row.entry.nBytes))};
    if (row.forecasting == Forecasting::Made) parts.append(memoryText(row.figures, *m_format));
    if (row.figures.isTight) parts.append(tr("with a shorter context only"));
    if (row.figures.predictedSpeed > 0)
        parts.append(
            tr("%1 tokens per second").arg(m_format->prediction(row.figures.predictedSpeed)));
    if (row.isInstalled) parts.append(tr("Installed"));
    if (row.isOnItsWay) {
        const QString state = downloadStateText(row.way, row.wayProblem);
        parts.append(state.isEmpty() ? tr("downloading") : state);
    }
    return parts.join(QStringLiteral(", "));
}

QHash<int, QByteArray> HubFilesModel::roleNames() const {
    return {{TypeRole, "type"},
            {FileNameRole, "fileName"},
            {FileBytesRole, "fileBytes"},
            {BitsPerWeightRole, "bitsPerWeight"},
            {IsInstalledRole, "isInstalled"},
            {IsOnItsWayRole, "isOnItsWay"},
            {ShareRole, "share"},
            {StateTextRole, "stateText"},
            {CanDownloadRole, "canDownload"},
            {PathRole, "path"},
            {HasForecastRole, "hasForecast"},
            {IsForecastingRole, "isForecasting"},
            {CanForecastRole, "canForecast"},
            {ForecastProblemRole, "forecastProblem"},
            {WeightsBytesRole, "weightsBytes"},
            {KvBytesRole, "kvBytes"},
            {ScratchBytesRole, "scratchBytes"},
            {NeededBytesRole, "neededBytes"},
            {AvailableBytesRole, "availableBytes"},
            {IsOverRole, "isOver"},
            {IsTightRole, "isTight"},
            {MemoryTextRole, "memoryText"},
            {ForecastNoteRole, "forecastNote"},
            {PredictedSpeedRole, "predictedSpeed"},
            {IsAtLeastRole, "isAtLeast"},
            {SpeedLimitRole, "speedLimit"},
            {SpokenTextRole, "spokenText"}};
}

}  // namespace sotto::app
