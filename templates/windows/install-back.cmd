rem ---- after the run: putting everything back, or clearing away

:put_back
set "INCOMPLETE="
{% for service in services_reversed -%}
if defined MADE_{{ service.number }} call :unmake {{ service.name }} {{ service.stop_limit }}
if defined CHANGED_{{ service.number }} call :stop {{ service.name }} {{ service.stop_limit }}
if defined NEW_SOURCE_{{ service.number }} "%REG%" delete "%SERVICES%\EventLog\Application\{{ service.name }}" /f >nul 2>&1
{% endfor -%}
{% for file in files -%}
if defined TOUCHED_{{ file.number }} call :put_file_back {{ file.number }}
{% if file.config -%}
if defined ASIDE_{{ file.number }} call :put_aside_back {{ file.number }}
{% endif -%}
{% endfor -%}
{% for rule in rules -%}
if defined MADE_RULE_{{ rule.number }} call :remove_rule "{{ rule.name }}"
{% endfor -%}
if defined TOUCHED_RECEIPT set "TO=%INSTALL_DIR%\receipt.txt"& call :put_old_back RECEIPT
{% for service in services -%}
if defined CHANGED_{{ service.number }} call :restore {{ service.number }} {{ service.name }}
{% endfor -%}
if defined OLD_ACL for %%I in ("%INSTALL_DIR%\..") do "%ICACLS%" "%%~fI" /restore "%SNAPSHOTS%\acl" /q >nul
{% for folder in folders -%}
if defined OLD_DATA_{{ folder.number }} for %%I in ("{{ folder.path }}\..") do "%ICACLS%" "%%~fI" /restore "%SNAPSHOTS%\acl-{{ folder.number }}" /q >nul
{% endfor -%}
{% if !subfolders.is_empty() -%}
if defined NEW_SUBFOLDERS for %%D in ("%NEW_SUBFOLDERS:|=" "%") do rd %%D 2>nul
{% endif -%}
rem Nothing was in these before, so that what is in them is not an operator's.
{% for folder in folders.iter().rev() -%}
if defined MADE_DATA_{{ folder.number }} {% if folder.parent %}rd{% else %}rd /s /q{% endif %} "{{ folder.path }}"
if defined MADE_DATA_{{ folder.number }} if exist "{{ folder.path }}" set "INCOMPLETE=1"
{% endfor -%}
rem What was running runs again, whichever step failed.
for %%S in (%RAN_OLD%) do call :start_back %%S 60
{% for service in services -%}
if defined RAN_{{ service.number }} call :start_back {{ service.name }} {{ service.start_limit }}
{% endfor -%}
if defined CLAIMED if defined NEW_ENTRY "%REG%" delete "%ENTRY%" /f >nul
rem An import takes no value away, and the name would say that an unfinished installation was finished.
if defined CLAIMED if defined UNFINISHED "%REG%" delete "%ENTRY%" /v DisplayName /f >nul 2>&1
if defined CLAIMED "%REG%" delete "%ENTRY%" /v SvcRunning /f >nul 2>&1
if defined CLAIMED if defined KEPT_DIR call :put_mark_back
{% if !folders.is_empty() -%}
if defined CLAIMED if not defined RECORDED_FOLDERS "%REG%" delete "%ENTRY%" /v SvcFolders /f >nul 2>&1
if defined CLAIMED if not defined RECORDED_PARENTS "%REG%" delete "%ENTRY%" /v SvcParents /f >nul 2>&1
{% endif -%}
if defined CLAIMED if not defined KEPT_DIR if not defined NEW_ENTRY "%REG%" import "%SNAPSHOTS%\entry.reg" >nul 2>&1
if exist "%SNAPSHOTS%" rd /s /q "%SNAPSHOTS%"
if defined NEW_FOLDER if exist "%INSTALL_DIR%" rd "%INSTALL_DIR%" 2>nul
if defined NEW_FOLDER if exist "%INSTALL_DIR%" set "INCOMPLETE=1"
if defined INCOMPLETE exit /b 9
exit /b 0

:put_mark_back
call :mark_kept
if errorlevel 1 set "INCOMPLETE=1"
exit /b 0

:unmake
rem %1: name; %2: seconds.
call :stop %1 %2
"%SC%" delete %1 >nul
if errorlevel 1 set "INCOMPLETE=1"
exit /b 0

:put_file_back
call :file %1
:put_old_back
if exist "%TO%.new" del /f /q "%TO%.new"
if exist "%TO%.old" if exist "%TO%" del /f /q "%TO%"
if exist "%TO%.old" move /y "%TO%.old" "%TO%" >nul
if exist "%TO%.old" set "INCOMPLETE=1"
rem Nothing was there before: what this run wrote goes.
if defined NEW_FILE_%1 if exist "%TO%" del /f /q "%TO%"
exit /b 0

{% if configs -%}
:put_aside_back
rem %1: number.
call :file %1
if exist "%TO%.new" del /f /q "%TO%.new"
if exist "%SNAPSHOTS%\aside-%1" copy /b /y "%SNAPSHOTS%\aside-%1" "%TO%.new" >nul
exit /b 0

{% endif -%}
:restore
rem %1: number; %2: name. The manager is told, and then the registry gets every value back.
call :restore_config %1 %2
if errorlevel 1 set "INCOMPLETE=1"
if not defined HAD_ENVIRONMENT_%1 "%REG%" delete "%SERVICES%\%2" /v Environment /f >nul 2>&1
"%REG%" import "%SNAPSHOTS%\%1.reg" >nul 2>&1
if errorlevel 1 set "INCOMPLETE=1"
exit /b 0

:restore_config
rem A text with < or > in it cannot stand in a batch file again: then the registry's value counts alone, at the next start.
set "DEPEND=/"
if defined DEPEND_%1 for /f "tokens=1,* delims==" %%A in ('set DEPEND_%1') do set "DEPEND=%%B"
set "DEPEND=%DEPEND:\0=/%"
"%SC%" config %2 depend= "%DEPEND%" >nul
if errorlevel 1 exit /b 1
set "WORD=%2"
if defined DISPLAY_%1 for /f "tokens=1,* delims==" %%A in ('set DISPLAY_%1') do set "WORD=%%B"
call :escape_word
if not errorlevel 1 "%SC%" config %2 DisplayName= ^"%WORD:>=\^"%^" >nul
for /f "tokens=1,* delims==" %%A in ('set IMAGE_%1') do set "WORD=%%B"
call :escape_word
if not errorlevel 1 "%SC%" config %2 binPath= ^"%WORD:>=\^"%^" >nul
if not defined RESET exit /b 0
for /f "tokens=1,* delims==" %%A in ('set START_%1') do set "WORD=%%B"
if "%WORD%"=="0x2" "%SC%" config %2 start= auto >nul
if "%WORD%"=="0x3" "%SC%" config %2 start= demand >nul
if "%WORD%"=="0x4" "%SC%" config %2 start= disabled >nul
rem Without its password an account cannot come back; a virtual or built-in one has none.
for /f "tokens=1,* delims==" %%A in ('set ACCOUNT_%1') do "%SC%" config %2 obj= "%%B" >nul
if errorlevel 1 for /f "tokens=1,* delims==" %%A in ('set ACCOUNT_%1') do >&2 echo %SELF%: %2 ran as "%%B": give that account back by hand.
if errorlevel 1 exit /b 1
exit /b 0

:escape_word
rem WORD becomes what stands between carets and quotes on a line: a > for each quote, with one backslash more for each that
rem stood before it (a < wanders over them to the left), and a caret before whatever means something outside of quotes.
set "PLAIN=%WORD:"='%"
set "MARKED="
for /f "tokens=2 delims=<>" %%A in ("x%PLAIN%x") do set "MARKED=1"
if defined MARKED exit /b 1
set "WORD=%WORD:"=<>%"
:escape_backslashes
set "MORE=%WORD:\<=<\\%"
if not "%MORE%"=="%WORD%" set "WORD=%MORE%"& goto :escape_backslashes
set "WORD=%WORD:<=%"
set "WORD=%WORD:^=^^%"
set "WORD=%WORD:&=^&%"
set "WORD=%WORD:|=^|%"
set "WORD=%WORD:(=^(%"
set "WORD=%WORD:)=^)%"
exit /b 0

:start_back
rem %1: name; %2: seconds.
call :start_even_disabled %1 %2
if errorlevel 1 set "INCOMPLETE=1"
exit /b 0

:clean
rem Programs that only the replaced version had go with it.
if exist "%INSTALL_DIR%\receipt.txt.old" for /f "usebackq tokens=1,* delims==" %%A in ("%INSTALL_DIR%\receipt.txt.old") do if "%%A"=="installed" call :forget_file "%%B"
if exist "%INSTALL_DIR%\receipt.txt.old" for /f "usebackq tokens=1,* delims==" %%A in ("%INSTALL_DIR%\receipt.txt.old") do if "%%A"=="placed" call :forget_placed "%%B"
if exist "%INSTALL_DIR%\receipt.txt.old" for /f "usebackq tokens=1,* delims==" %%A in ("%INSTALL_DIR%\receipt.txt.old") do if "%%A"=="subfolder" rd "%%B" 2>nul
if exist "%INSTALL_DIR%\receipt.txt.old" for /f "usebackq tokens=1,* delims==" %%A in ("%INSTALL_DIR%\receipt.txt.old") do if "%%A"=="firewall" call :forget_rule "%%B"
{% for file in files -%}
call :file {{ file.number }}
if exist "%TO%.old" del /f /q "%TO%.old"
{% endfor -%}
if exist "%INSTALL_DIR%\receipt.txt.old" del /f /q "%INSTALL_DIR%\receipt.txt.old"
if exist "%SNAPSHOTS%" rd /s /q "%SNAPSHOTS%"
exit /b 0

:forget_file
set "NAME=%~1"
{% for file in files -%}
{% if file.in_folder -%}
if /i "%NAME%"=="{{ file.label }}" exit /b 0
{% endif -%}
{% endfor -%}
del /f /q "%INSTALL_DIR%\%NAME%"
exit /b 0

:forget_placed
rem %1: path.
{% for file in files -%}
{% if !file.in_folder -%}
if /i "%~1"=="{{ file.to }}" exit /b 0
{% endif -%}
{% endfor -%}
if exist %1 del /f /q %1
exit /b 0

:forget_rule
rem %1: name.
{% for rule in rules -%}
if /i "%~1"=="{{ rule.name }}" exit /b 0
{% endfor -%}
call :remove_rule %1
exit /b 0
