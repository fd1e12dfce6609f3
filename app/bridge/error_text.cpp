#include "app/bridge/error_text.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QLocale>
#include <QRegularExpression>
#include <algorithm>
#include <array>

namespace sotto::app {
namespace {

// The C locale is what servers and tests have; its language is English, too.
bool isEnglish() {
    const QLocale::Language language = QLocale().language();
    return language == QLocale::English || language == QLocale::C;
}

QString memoryText(quint64 bytes) {
    return QLocale().formattedDataSize(static_cast<qint64>(bytes), 1, QLocale::DataSizeIecFormat);
}

QString countText(quint64 count) { return QLocale().toString(count); }

// Whether a part of the sentence stands within what is `named` there.
bool isInName(const QString& sentence, const QString& named, const QRegularExpressionMatch& part) {
    if (named.isEmpty()) return false;
    for (qsizetype at = sentence.indexOf(named); at >= 0 && at <= part.capturedStart();
         at = sentence.indexOf(named, at + 1))
        if (part.capturedEnd() <= at + named.size()) return true;
    return false;
}

// The library writes its numbers without groups. Only those that stand alone, as counts do: not a
// part of a name, a fraction, or the number of a port or a line.
QString withGroups(const QString& sentence, const QString& context) {
    static const QRegularExpression kCount(
        QStringLiteral("(?<![\\w.,:/#-])(?<!port )(?<!line )\\d{4,18}(?![\\w:/#-]|[.,]\\d)"));
    QString text;
    qsizetype end = 0;
    auto count = kCount.globalMatch(sentence);
    while (count.hasNext()) {
        const QRegularExpressionMatch match = count.next();
        if (isInName(sentence, context, match) ||
            isInName(sentence, QFileInfo(context).fileName(), match))
            continue;
        text += QStringView(sentence).mid(end, match.capturedStart() - end);
        text += countText(match.captured().toULongLong());
        end = match.capturedEnd();
    }
    text += QStringView(sentence).mid(end);
    return text;
}

// The file's name of a path, or the text itself when it is something else (a key, a tensor).
QString subject(const std::string& context) {
    const QString text = QString::fromStdString(context);
    return text.contains(QLatin1Char('/')) ? QFileInfo(text).fileName() : text;
}

// Sentences of the libraries that a code and a name would not replace, word by word.
constexpr std::array kSentences{
    QT_TRANSLATE_NOOP("LibrarySentence",
                      "The models have different vocabularies, so their probabilities cannot be "
                      "compared: compare their answers by text only."),
    QT_TRANSLATE_NOOP("LibrarySentence",
                      "A comparison needs two models: the reference and another one."),
    QT_TRANSLATE_NOOP("LibrarySentence", "This model file has no vocabulary."),
    QT_TRANSLATE_NOOP("LibrarySentence",
                      "This model's heads cannot be cut into blocks of 32 elements: keep its KV "
                      "cache in F16."),
    QT_TRANSLATE_NOOP("LibrarySentence",
                      "This model's heads are small, and so few bits would harm its answers: keep "
                      "its KV cache in Q8_0 or F16."),
    QT_TRANSLATE_NOOP("LibrarySentence", "There is no answer to compare."),
    QT_TRANSLATE_NOOP("LibrarySentence",
                      "The answer is not of this model's vocabulary: let the model answer again."),
    QT_TRANSLATE_NOOP("LibrarySentence",
                      "This file has more than 4 MB. Choose a shorter text: no more than its first "
                      "65,536 tokens are read."),
    QT_TRANSLATE_NOOP("LibrarySentence",
                      "This file is no UTF-8 text. Save it as UTF-8, or choose another one."),
    QT_TRANSLATE_NOOP("LibrarySentence",
                      "There is nothing to read in this text. Choose another one."),
    QT_TRANSLATE_NOOP("LibrarySentence",
                      "A model file is another one than when these answers were written. Compare "
                      "again, then measure."),
    QT_TRANSLATE_NOOP("LibrarySentence",
                      "The picture cannot be made: it takes more memory than there is. Close other "
                      "programs, or save the comparison as Markdown."),
};

class ErrorText {
    Q_DECLARE_TR_FUNCTIONS(ErrorText)

    // The sentence itself may say more than that something cannot be used.
    static QString ofArgument(const Error& error, const QString& name) {
        if (std::ranges::find(kSentences, error.message) != kSentences.end())
            return QCoreApplication::translate("LibrarySentence", error.message.c_str());
        return tr("This cannot be used (%1). Change it and try again.")
            .arg(name.isEmpty() ? QString::fromStdString(error.message) : name);
    }

    // Of the users of the engine (app/core/engine_hub.h).
    static QString userOf(const QString& name) {
        if (name == QLatin1String("the window")) return tr("a chat");
        if (name == QLatin1String("the comparison")) return tr("a comparison");
        return name;
    }

public:
    static QString ofTokens(const Error& error) {
        const QString name = subject(error.context);
        if (name.isEmpty())
            return tr("The text has %1 tokens; at least %2 are needed. Choose a longer one.")
                .arg(countText(error.available), countText(error.needed));
        return tr("“%1” reads at most %2 tokens at once, and %3 are needed. Choose another model.")
            .arg(name, countText(error.available), countText(error.needed));
    }
    static QString ofStart(const Error& error, bool isCopyShown) {
        const QString cause = errorText(error);
        return isCopyShown
                   ? tr("%1 Your chats can be read; what you write now is gone when Sotto "
                        "closes.")
                         .arg(cause)
                   : tr("%1 All chats are kept in memory only until Sotto closes.").arg(cause);
    }
    static QString of(const Error& error) {
        const QString name = subject(error.context);
        const QString file = name.isEmpty() ? tr("The file") : tr("“%1”").arg(name);
        switch (error.code) {
            case ErrorCode::InvalidArgument: return ofArgument(error, name);
            case ErrorCode::FileNotFound:
                return tr("%1 is not there any more. Choose another file or put it back.")
                    .arg(file);
            case ErrorCode::FileUnreadable:
                return tr("%1 cannot be read. Check its permissions and the disk.").arg(file);
            case ErrorCode::FileDamaged:
                return tr("%1 is damaged, incomplete or not a GGUF model. Get it again.").arg(file);
            case ErrorCode::Unsupported:
                return name.isEmpty()
                           ? tr("This version cannot do that (%1).")
                                 .arg(QString::fromStdString(error.message))
                           : tr("This version cannot run “%1” (%2). Choose another model.")
                                 .arg(name, QString::fromStdString(error.message));
            case ErrorCode::OutOfMemory:
                if (error.needed == 0)
                    return tr(
                        "There is not enough memory. Close other programs, or choose a "
                        "smaller model or a shorter context.");
                return tr("Not enough memory: %1 needed, %2 free. Choose a smaller model or a "
                          "shorter context.")
                    .arg(memoryText(error.needed), memoryText(error.available));
            case ErrorCode::ContextFull:
                if (error.needed == 0)
                    return tr(
                        "The conversation is longer than the context. Shorten it, or start "
                        "a new chat.");
                return tr("The conversation has %1 tokens, the context holds %2. Shorten it, or "
                          "start a new chat.")
                    .arg(countText(error.needed), countText(error.available));
            case ErrorCode::BadTemplate:
                return tr("The model's chat template failed: %1")
                    .arg(QString::fromStdString(error.message));
            case ErrorCode::Cancelled: return tr("Stopped.");
            case ErrorCode::DeviceFailed:
                return tr("The device reported an error. Load the model again; the chat is kept.");
            case ErrorCode::DiskFull:
                if (error.needed == 0)
                    return tr("There is no room left on the disk. Free some space and try again.");
                return tr("There is no room left on the disk: %1 needed, %2 free. Free some space "
                          "and try again.")
                    .arg(memoryText(error.needed), memoryText(error.available));
            case ErrorCode::ReadOnly:
                return tr("%1 may not be written. Change its permissions.").arg(file);
            case ErrorCode::Io:
                return tr("The disk reported an error while saving. Check the disk.");
            case ErrorCode::Locked:
                return tr("Another program holds the chat database. Close it and try again.");
            case ErrorCode::DatabaseDamaged:
                if (name.isEmpty())
                    return tr(
                        "The chat database is damaged. It was left as it is; restore a copy "
                        "of it.");
                return tr("The chat database “%1” is damaged. It was left as it is; restore a copy "
                          "of it.")
                    .arg(name);
            case ErrorCode::NewerVersion:
                return tr(
                    "The chat database was written by a newer Sotto. Update this program to open "
                    "it.");
            case ErrorCode::NotFound: return tr("This is not there any more.");
            case ErrorCode::Busy:
                if (name.endsWith(QLatin1String(".part")))
                    return tr("“%1” belongs to a download that was begun elsewhere, perhaps with "
                              "sotto-cli. Finish it there, or delete the file, then try again.")
                        .arg(name);
                if (name.isEmpty())
                    return tr(
                        "Another part of Sotto is using this. Stop it there, then try again.");
                return tr("Another part of Sotto is using this (%1). Stop it there, then try "
                          "again.")
                    .arg(userOf(name));
            case ErrorCode::Closed: return tr("Sotto is closing.");
            case ErrorCode::Internal:
                return tr("Something went wrong inside Sotto (%1). The chat is kept; try again.")
                    .arg(QString::fromStdString(error.message));
            case ErrorCode::Offline:
            case ErrorCode::Unreachable:
            case ErrorCode::ProxyFailed:
            case ErrorCode::CertificateRefused:
            case ErrorCode::AccessGated:
            case ErrorCode::TokenRefused:
            case ErrorCode::NotOnHub:
            case ErrorCode::RateLimited:
            case ErrorCode::HubFailed:
            case ErrorCode::TooLarge:
            case ErrorCode::DownloadDamaged: return ofNetwork(error, name);
        }
        return {};
    }

private:
    static QString ofNetwork(const Error& error, const QString& name) {
        const QString server = name.isEmpty() ? tr("The server") : tr("“%1”").arg(name);
        const QString wanted = name.isEmpty() ? tr("This model") : tr("“%1”").arg(name);
        switch (error.code) {
            case ErrorCode::Offline:
                return tr(
                    "Sotto is set to offline, so nothing was sent. Allow connections in "
                    "Settings → Privacy.");
            case ErrorCode::Unreachable:
                return tr("%1 does not answer. Check the network connection and try again.")
                    .arg(server);
            case ErrorCode::ProxyFailed:
                return tr(
                    "The proxy does not let Sotto through. Check the proxy settings of the "
                    "system.");
            case ErrorCode::CertificateRefused:
                return tr("%1 cannot prove who it is, so nothing was sent to it. Check the date of "
                          "this computer and the network.")
                    .arg(server);
            case ErrorCode::AccessGated:
                return tr("%1 is given out only to those who accepted its terms. Accept them on "
                          "its page, then enter an access token of yours.")
                    .arg(wanted);
            case ErrorCode::TokenRefused:
                return tr("The hub refuses the access token. Enter another one in the settings.");
            case ErrorCode::NotOnHub:
                return tr("%1 is not on the hub, or it is private. Check its name, or enter an "
                          "access token.")
                    .arg(wanted);
            case ErrorCode::RateLimited:
                if (error.needed == 0)
                    return tr("The hub wants fewer requests. Wait some minutes and try again.");
                return tr("The hub wants fewer requests. Try again in %1 s.")
                    .arg(countText(error.needed));
            case ErrorCode::HubFailed:
                return tr("%1 gave an answer that cannot be used. Try again later, or choose "
                          "another hub.")
                    .arg(server);
            case ErrorCode::TooLarge:
                return tr("%1 is larger than what the hub gives out. Choose a smaller one.")
                    .arg(wanted);
            case ErrorCode::DownloadDamaged:
                return tr("%1 is not what the hub has: it was damaged on its way. It was set "
                          "aside; download it again.")
                    .arg(wanted);
            default: return {};
        }
    }
};

}  // namespace

QString errorText(const Error& error) {
    return isEnglish() && !error.message.empty() ? withGroups(QString::fromStdString(error.message),
                                                              QString::fromStdString(error.context))
                                                 : ErrorText::of(error);
}

QString readingErrorText(const Error& error) {
    const bool isOfTokens = error.code == ErrorCode::InvalidArgument && error.needed > 0;
    return isOfTokens && !isEnglish() ? ErrorText::ofTokens(error) : errorText(error);
}

QString startProblemText(const Error& error, bool isCopyShown) {
    return ErrorText::ofStart(error, isCopyShown);
}

}  // namespace sotto::app
