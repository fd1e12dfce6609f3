// Runs the real sotto-cli and keeps what it said.
#pragma once

#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/tiny_gguf.h"

namespace sotto::test {

struct CliResult {
    int status = -1;  // -1: it crashed or did not end
    QByteArray out;
    QByteArray err;

    nlohmann::json json() const { return nlohmann::json::parse(out.toStdString()); }
    // "One line: what failed": exactly one, with our name in front.
    bool isOneLineError() const {
        return err.startsWith("sotto-cli: ") && err.count('\n') == 1 && err.endsWith('\n') &&
               err.size() > 20;
    }
};

inline CliResult runCli(const QStringList& arguments, const QByteArray& input = {}) {
    QProcess process;
    process.start(QStringLiteral(SOTTO_CLI), arguments);
    process.write(input);
    process.closeWriteChannel();
    CliResult result;
    constexpr int kPatience = 240'000;  // milliseconds: only a hang takes that long
    if (process.waitForFinished(kPatience) && process.exitStatus() == QProcess::NormalExit) {
        result.status = process.exitCode();
    }
    result.out = process.readAllStandardOutput();
    result.err = process.readAllStandardError();
    return result;
}

inline QString goldenFile(const QString& name) {
    return QStringLiteral(SOTTO_GOLDEN_DIR) + QLatin1Char('/') + name;
}

// A folder of the test's own with a model that knows text: tiny.gguf.
class CliFolder {
public:
    explicit CliFolder(const std::string& chatTemplate = {}) {
        TinyModel model;
        model.chatTemplate = chatTemplate;
        m_isMade = m_folder.isValid() &&
                   writeTinyModel(model, path("tiny.gguf").toStdString()).has_value();
    }
    bool isMade() const { return m_isMade; }
    QString path(const QString& name) const { return m_folder.filePath(name); }
    QString model() const { return path(QStringLiteral("tiny.gguf")); }
    QStringList files() const {
        return QDir(m_folder.path()).entryList(QDir::Files | QDir::Hidden, QDir::Name);
    }
    QString write(const QString& name, const QByteArray& bytes) const {
        QFile file(path(name));
        if (file.open(QIODevice::WriteOnly)) file.write(bytes);
        return path(name);
    }

private:
    QTemporaryDir m_folder;
    bool m_isMade = false;
};

}  // namespace sotto::test
