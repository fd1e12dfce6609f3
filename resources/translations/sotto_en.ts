<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en">
    <context>
        <name>AnswersMenu</name>
        <message numerus="yes">
            <source>Write %n answer(s)</source>
            <translation>
                <numerusform>Write %n answer</numerusform>
                <numerusform>Write %n answers</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>BinBar</name>
        <message numerus="yes">
            <source>%n message(s), %1.</source>
            <translation>
                <numerusform>%n message, %1.</numerusform>
                <numerusform>%n messages, %1.</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>BinDialog</name>
        <message numerus="yes">
            <source>%n chat(s) go for good, with all their messages. They cannot be brought back.</source>
            <translation>
                <numerusform>%n chat goes for good, with all its messages. It cannot be brought back.</numerusform>
                <numerusform>%n chats go for good, with all their messages. They cannot be brought back.</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>BinEntry</name>
        <message numerus="yes">
            <source>Bin, %n chat(s)</source>
            <translation>
                <numerusform>Bin, %n chat</numerusform>
                <numerusform>Bin, %n chats</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>BinList</name>
        <message numerus="yes">
            <source>%n chat(s)</source>
            <translation>
                <numerusform>%n chat</numerusform>
                <numerusform>%n chats</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Chats here are deleted for good after %n day(s).</source>
            <translation>
                <numerusform>Chats here are deleted for good after %n day.</numerusform>
                <numerusform>Chats here are deleted for good after %n days.</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>BinRow</name>
        <message numerus="yes">
            <source>%1, %n day(s) left</source>
            <translation>
                <numerusform>%1, %n day left</numerusform>
                <numerusform>%1, %n days left</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>DamagedCard</name>
        <message numerus="yes">
            <source>%1 of %n chat(s)</source>
            <translation>
                <numerusform>%1 of %n chat</numerusform>
                <numerusform>%1 of %n chats</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n chat(s)</source>
            <translation>
                <numerusform>%n chat</numerusform>
                <numerusform>%n chats</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Read %n chat(s)</source>
            <translation>
                <numerusform>Read %n chat</numerusform>
                <numerusform>Read %n chats</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>DamagedMessage</name>
        <message numerus="yes">
            <source>%1 of %Ln byte(s) can be read. It is not sent to the model.</source>
            <translation>
                <numerusform>%1 of %Ln byte can be read. It is not sent to the model.</numerusform>
                <numerusform>%1 of %Ln bytes can be read. It is not sent to the model.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%Ln byte(s) can be read. It is not sent to the model.</source>
            <translation>
                <numerusform>%Ln byte can be read. It is not sent to the model.</numerusform>
                <numerusform>%Ln bytes can be read. It is not sent to the model.</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>FoundPlaces</name>
        <message numerus="yes">
            <source>%n model(s), %1</source>
            <translation>
                <numerusform>%n model, %1</numerusform>
                <numerusform>%n models, %1</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>HardwareCard</name>
        <message numerus="yes">
            <source>forecasts were off by ± %1 over %n model(s)</source>
            <translation>
                <numerusform>forecasts were off by ± %1 over %n model</numerusform>
                <numerusform>forecasts were off by ± %1 over %n models</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>JobText</name>
        <message numerus="yes">
            <source>%1 of %2 tensors</source>
            <translation>
                <numerusform>%1 of %2 tensor</numerusform>
                <numerusform>%1 of %2 tensors</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%1 of %2 chats</source>
            <translation>
                <numerusform>%1 of %2 chat</numerusform>
                <numerusform>%1 of %2 chats</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%1 of %2 texts</source>
            <translation>
                <numerusform>%1 of %2 text</numerusform>
                <numerusform>%1 of %2 texts</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%1 of %2 files</source>
            <translation>
                <numerusform>%1 of %2 file</numerusform>
                <numerusform>%1 of %2 files</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>LedgerDialog</name>
        <message numerus="yes">
            <source>%1: %n connection(s), %2 sent, %3 received</source>
            <translation>
                <numerusform>%1: %n connection, %2 sent, %3 received</numerusform>
                <numerusform>%1: %n connections, %2 sent, %3 received</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>LiveKv</name>
        <message numerus="yes">
            <source>the last answer held %1 blocks</source>
            <translation>
                <numerusform>the last answer held %1 block</numerusform>
                <numerusform>the last answer held %1 blocks</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>LivePanel</name>
        <message numerus="yes">
            <source>Time per output token, the middle one of %1 tokens of this answer, or of the last one.</source>
            <translation>
                <numerusform>Time per output token, of %1 token of this answer, or of the last one.</numerusform>
                <numerusform>Time per output token, the middle one of %1 tokens of this answer, or of the last one.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Time per output token that 95 of 100 stay below, from %1 tokens of this answer, or of the last one. It needs 20.</source>
            <translation>
                <numerusform>Time per output token that 95 of 100 stay below, from %1 token of this answer, or of the last one. It needs 20.</numerusform>
                <numerusform>Time per output token that 95 of 100 stay below, from %1 tokens of this answer, or of the last one. It needs 20.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>from %1 tokens</source>
            <translation>
                <numerusform>from %1 token</numerusform>
                <numerusform>from %1 tokens</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>MessageActions</name>
        <message numerus="yes">
            <source>%n answer(s) being written</source>
            <translation>
                <numerusform>%n answer being written</numerusform>
                <numerusform>%n answers being written</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>QuantizeText</name>
        <message numerus="yes">
            <source>%n tensor(s) are made by search: GPTQ knows nothing of their type.</source>
            <translation>
                <numerusform>%n tensor is made by search: GPTQ knows nothing of its type.</numerusform>
                <numerusform>%n tensors are made by search: GPTQ knows nothing of their type.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n tensor(s) become %1 instead of %2, because of their width.</source>
            <translation>
                <numerusform>%n tensor becomes %1 instead of %2, because of its width.</numerusform>
                <numerusform>%n tensors become %1 instead of %2, because of their width.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>AWQ: %n tensor(s) scaled</source>
            <translation>
                <numerusform>AWQ: %n tensor scaled</numerusform>
                <numerusform>AWQ: %n tensors scaled</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>GPTQ on %1: %n tensor(s) with error feedback</source>
            <translation>
                <numerusform>GPTQ on %1: %n tensor with error feedback</numerusform>
                <numerusform>GPTQ on %1: %n tensors with error feedback</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>The importance matrix has nothing for %n tensor(s), which are made without.</source>
            <translation>
                <numerusform>The importance matrix has nothing for %n tensor, which is made without.</numerusform>
                <numerusform>The importance matrix has nothing for %n tensors, which are made without.</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>ReadingCard</name>
        <message numerus="yes">
            <source>%1 of %n chat(s)</source>
            <translation>
                <numerusform>%1 of %n chat</numerusform>
                <numerusform>%1 of %n chats</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>RemoveModelDialog</name>
        <message numerus="yes">
            <source>%n file(s), %1. The space is free once the bin is emptied.</source>
            <translation>
                <numerusform>%n file, %1. The space is free once the bin is emptied.</numerusform>
                <numerusform>%n files, %1. The space is free once the bin is emptied.</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>ResultCard</name>
        <message numerus="yes">
            <source>%1 of %n chat(s) are back</source>
            <translation>
                <numerusform>%1 of %n chat is back</numerusform>
                <numerusform>%1 of %n chats are back</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%1 of %n message(s)</source>
            <translation>
                <numerusform>%1 of %n message</numerusform>
                <numerusform>%1 of %n messages</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>SettingChoices</name>
        <message numerus="yes">
            <source>After %n day(s)</source>
            <translation>
                <numerusform>After %n day</numerusform>
                <numerusform>After %n days</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>After %n minute(s)</source>
            <translation>
                <numerusform>After %n minute</numerusform>
                <numerusform>After %n minutes</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>sotto::app::LedgerModel</name>
        <message numerus="yes">
            <source>%n connection(s) could not be written down.</source>
            <translation>
                <numerusform>%n connection could not be written down.</numerusform>
                <numerusform>%n connections could not be written down.</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>SettingsEngine</name>
        <message numerus="yes">
            <source>The last ones were off by ± %1 over %n model(s).</source>
            <translation>
                <numerusform>The last ones were off by ± %1 over %n model.</numerusform>
                <numerusform>The last ones were off by ± %1 over %n models.</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>TableBlock</name>
        <message numerus="yes">
            <source>Table with %n rows</source>
            <translation>
                <numerusform>Table with %n row</numerusform>
                <numerusform>Table with %n rows</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>sotto::app::AnswerProgress</name>
        <message numerus="yes">
            <source>Reading the prompt: %1 of %2 tokens, %3 reused</source>
            <translation>
                <numerusform>Reading the prompt: %1 of %2 token, %3 reused</numerusform>
                <numerusform>Reading the prompt: %1 of %2 tokens, %3 reused</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Reading the prompt: %1 of %2 tokens</source>
            <translation>
                <numerusform>Reading the prompt: %1 of %2 token</numerusform>
                <numerusform>Reading the prompt: %1 of %2 tokens</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>sotto::app::ChatListModel</name>
        <message numerus="yes">
            <source>Folder “%1” deleted. Its %n chat(s) are kept below, by date.</source>
            <translation>
                <numerusform>Folder “%1” deleted. Its %n chat is kept below, by date.</numerusform>
                <numerusform>Folder “%1” deleted. Its %n chats are kept below, by date.</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>sotto::app::ModelController</name>
        <message numerus="yes">
            <source>%n core(s), %1</source>
            <translation>
                <numerusform>%n core, %1</numerusform>
                <numerusform>%n cores, %1</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n multiprocessor(s), %1</source>
            <translation>
                <numerusform>%n multiprocessor, %1</numerusform>
                <numerusform>%n multiprocessors, %1</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>sotto::app::NumberFormat</name>
        <message numerus="yes">
            <source>%1 tokens</source>
            <translation>
                <numerusform>%1 token</numerusform>
                <numerusform>%1 tokens</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>sotto::app::MessageRemoval</name>
        <message numerus="yes">
            <source>%n message(s) removed</source>
            <translation>
                <numerusform>%n message removed</numerusform>
                <numerusform>%n messages removed</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>ModelText</name>
        <message numerus="yes">
            <source>%n layer(s) on the graphics card</source>
            <translation>
                <numerusform>%n layer on the graphics card</numerusform>
                <numerusform>%n layers on the graphics card</numerusform>
            </translation>
        </message>
    </context>
<context>
    <name>ModelsHead</name>
    <message numerus="yes">
        <source>%n installed, %1</source>
        <translation>
            <numerusform>%n installed, %1</numerusform>
            <numerusform>%n installed, %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Downloads, %n running</source>
        <translation>
            <numerusform>Downloads, %n running</numerusform>
            <numerusform>Downloads, %n running</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>sotto::app::TwinListModel</name>
    <message numerus="yes">
        <source>%n file(s) of %1, %2 can become free</source>
        <translation><numerusform>%n file of %1, %2 can become free</numerusform><numerusform>%n files of %1, %2 can become free</numerusform></translation>
    </message>
</context>
<context>
    <name>SearchFilters</name>
    <message numerus="yes">
        <source>More filters, %n chosen</source>
        <translation><numerusform>More filters, %n chosen</numerusform><numerusform>More filters, %n chosen</numerusform></translation>
    </message>
</context>
<context>
    <name>sotto::app::QuantizeController</name>
    <message numerus="yes">
        <source>%n tensor(s)</source>
        <translation>
            <numerusform>%n tensor</numerusform>
            <numerusform>%n tensors</numerusform>
        </translation>
    </message>
</context>
</TS>
