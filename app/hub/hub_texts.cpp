#include "app/hub/hub_texts.h"

#include <QCoreApplication>
#include <QVariantMap>
#include <algorithm>
#include <cstdlib>

#include "app/bridge/error_text.h"
#include "app/system/number_format.h"
#include "engine/api/architectures.h"

namespace sotto::app {
namespace {

struct HubText {
    Q_DECLARE_TR_FUNCTIONS(HubText)
};

// The hub's words for licences that models have, and their names. From its list of licences.
struct LicenceName {
    const char* word;
    const char* name;
};
constexpr LicenceName kLicences[] = {
    {"apache-2.0", "Apache 2.0"},
    {"mit", "MIT"},
    {"bsd-3-clause", "BSD 3"},
    {"cc-by-4.0", "CC BY 4.0"},
    {"cc-by-nc-4.0", "CC BY-NC 4.0"},
    {"cc-by-sa-4.0", "CC BY-SA 4.0"},
    {"gemma", "Gemma"},
    {"llama2", "Llama 2"},
    {"llama3", "Llama 3"},
    {"llama3.1", "Llama 3.1"},
    {"llama3.2", "Llama 3.2"},
    {"llama3.3", "Llama 3.3"},
    {"openrail", "OpenRAIL"},
};
constexpr const char* kOfferedLicences[] = {"apache-2.0", "mit", "gemma", "llama3.1", "llama3.3"};
constexpr const char* kOfferedTypes[] = {"Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0", "F16", "BF16"};
constexpr int kOfferedLimits[] = {1, 2, 5, 10, 25, 50, 100};  // MB/s

QVariantMap choiceOf(const QString& text, const QVariant& value) {
    return {{QStringLiteral("text"), text}, {QStringLiteral("value"), value}};
}

QString asShown(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

}  // namespace

QString parametersText(std::uint64_t nParameters, const NumberFormat& format) {
    if (nParameters == 0) return {};
    const auto count = static_cast<double>(nParameters);
    if (count < 0.4e9) return format.fixed(count / 1e6, 0) + QLatin1Char('M');
    return format.fixed(count / 1e9, 1) + QLatin1Char('B');
}

QString licenceText(const std::string& licence) {
    for (const LicenceName& known : kLicences)
        if (licence == known.word) return QString::fromLatin1(known.name);
    return asShown(licence);
}

QString architectureProblem(const std::string& architecture) {
    if (architecture.empty()) return {};
    const auto known = supportedArchitectures();
    if (std::ranges::find(known, architecture) != known.end()) return {};
    return HubText::tr("not yet: Sotto has no “%1”").arg(asShown(architecture));
}

QString modelNameOf(const std::string& repository) {
    QString name = asShown(repository).section(QLatin1Char('/'), -1);
    if (name.endsWith(QLatin1String("-gguf"), Qt::CaseInsensitive)) name.chop(5);
    return name.replace(QLatin1Char('-'), QLatin1Char(' '))
        .replace(QLatin1Char('_'), QLatin1Char(' '));
}

QString downloadProblem(const Error& error, const NumberFormat& format) {
    if (error.code != ErrorCode::DiskFull || error.needed <= error.available)
        return errorText(error);
    return HubText::tr(
               "%1 are missing on the disk: %2 needed, %3 free. Free some space, or choose a "
               "smaller format.")
        .arg(format.fileSize(static_cast<double>(error.needed - error.available)),
             format.fileSize(static_cast<double>(error.needed)),
             format.fileSize(static_cast<double>(error.available)));
}

// The digits of a type are its bits; scales, and tensors that are kept in a finer type, come on top
// of them.
bool canTypeHave(const std::string& type, double bitsPerWeight) {
    const std::size_t digits = type.find_first_of("0123456789");
    if (digits == std::string::npos) return false;
    const int nBits = std::atoi(type.c_str() + digits);
    const bool isFloat = type.find('F') < digits && nBits >= 16;
    return bitsPerWeight >= 0.95 * nBits && bitsPerWeight <= nBits + (isFloat ? 1 : 2.5);
}

QVariantList sortChoices() {
    return {choiceOf(HubText::tr("Most downloads"), QStringLiteral("downloads")),
            choiceOf(HubText::tr("Trending"), QStringLiteral("trending")),
            choiceOf(HubText::tr("Recently changed"), QStringLiteral("updated"))};
}

QVariantList licenceChoices() {
    QVariantList choices{choiceOf(HubText::tr("Any licence"), QString())};
    for (const char* licence : kOfferedLicences)
        choices.append(choiceOf(licenceText(licence), QString::fromLatin1(licence)));
    return choices;
}

QVariantList sizeChoices() {
    return {choiceOf(HubText::tr("Any size"), QString()),
            choiceOf(HubText::tr("up to 3B"), QStringLiteral("max:3B")),
            choiceOf(HubText::tr("3B to 9B"), QStringLiteral("min:3B,max:9B")),
            choiceOf(HubText::tr("9B to 35B"), QStringLiteral("min:9B,max:35B")),
            choiceOf(HubText::tr("from 35B"), QStringLiteral("min:35B"))};
}

QVariantList familyChoices() {
    QVariantList choices{choiceOf(HubText::tr("Any family"), QString())};
    for (const std::string_view name : supportedArchitectures())
        choices.append(choiceOf(asShown(name), asShown(name)));
    return choices;
}

QVariantList typeChoices() {
    QVariantList choices{choiceOf(HubText::tr("Any format"), QString())};
    for (const char* type : kOfferedTypes)
        choices.append(choiceOf(QString::fromLatin1(type), QString::fromLatin1(type)));
    return choices;
}

bool isOfTheToken(ErrorCode code) {
    // A private repository is not there for who has no token.
    return code == ErrorCode::AccessGated || code == ErrorCode::TokenRefused ||
           code == ErrorCode::NotOnHub;
}

QVariantList speedLimitChoices() {
    QVariantList choices{choiceOf(HubText::tr("off"), 0)};
    for (const int megabytes : kOfferedLimits)
        choices.append(choiceOf(HubText::tr("%1 MB/s").arg(megabytes), megabytes * 1'000'000));
    return choices;
}

QString downloadStateText(net::DownloadState state, const Error& problem) {
    switch (state) {
        case net::DownloadState::Waiting: return HubText::tr("Waiting");
        case net::DownloadState::Running: return {};
        case net::DownloadState::Paused:
            return problem.code == ErrorCode::DiskFull && !problem.message.empty()
                       ? HubText::tr("Paused, the disk is full")
                       : HubText::tr("Paused");
        case net::DownloadState::Interrupted:
            if (problem.code == ErrorCode::Offline) return HubText::tr("Set to offline");
            return problem.code == ErrorCode::Unreachable ? HubText::tr("Connection lost")
                                                          : HubText::tr("Interrupted");
        case net::DownloadState::Checking: return HubText::tr("Checking SHA-256");
        case net::DownloadState::Verified: return HubText::tr("Verified");
        case net::DownloadState::Damaged: return HubText::tr("Damaged, set aside");
    }
    return {};
}

}  // namespace sotto::app
