@echo off
rem Written by `cargo svc generate` from [package.metadata.service] in Cargo.toml: change it there.
rem Removes {{ package }}. See uninstall.cmd /help.
setlocal EnableExtensions DisableDelayedExpansion
set "SELF=uninstall.cmd"
for %%V in (QUIET DRY PURGE INSTALL_DIR OLD_CP WHAT REVERSED) do set "%%V="
set "CODE=0"
set "SC=%SystemRoot%\System32\sc.exe"
set "REG=%SystemRoot%\System32\reg.exe"
set "NETSH=%SystemRoot%\System32\netsh.exe"
set "PROGRAM_DATA=%ProgramData%"
set "ENTRY=HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\{{ package }}"
set "SERVICES=HKLM\SYSTEM\CurrentControlSet\Services"

:options
if "%~1"=="" goto :options_read
if /i "%~1"=="/help" goto :help
if "%~1"=="/?" goto :help
if /i "%~1"=="/quiet" set "QUIET=1"& shift& goto :options
if /i "%~1"=="/dry-run" set "DRY=1"& shift& goto :options
if /i "%~1"=="/purge" set "PURGE=1"& shift& goto :options
>&2 echo %SELF%: "%~1" is no option. See %SELF% /help.
exit /b 2

:help
echo Removes {{ package_echo }} and its services. Run it as administrator.
echo.
echo   %SELF% [/purge] [/dry-run] [/quiet]
echo.
echo   /purge    also removes the services' folders, what configures them, and everything else in the install folder
echo   /dry-run  says what would be done
echo   /quiet    says nothing but errors
echo.
echo Exit codes:
echo   0  nothing of it is left but data
echo   1  a step failed; run it again
echo   2  the command line is at fault
echo   3  not run as administrator
echo   5  run from the command prompt of another kind of machine
echo   6  the entry in Add/Remove Programs belongs to something else
echo   7  a service did not stop in its time; nothing was removed
echo   9  a service is marked for deletion and goes when the programs that look at it are closed
echo  10  this command interpreter does not read UTF-8: use uninstall.ps1
echo  11  another run is under way
exit /b 0

{% include "windows/common.cmd" %}

:options_read
call :prepare
if errorlevel 1 exit /b %CODE%
if defined DRY call :run
if not defined DRY call :run_alone
set "CODE=%errorlevel%"
if defined OLD_CP "%SystemRoot%\System32\chcp.com" %OLD_CP% >nul
if not "%CODE%"=="0" exit /b %CODE%
if defined DRY exit /b 0
if not defined INSTALL_DIR exit /b 0
rem The last step takes this file and its folder. A GOTO without a label ends a batch file, but not its line: nothing is read
rem from the file any more. An interpreter that goes on (Wine's) keeps the file open, and leaves the rest to another process.
cd /d "%SystemRoot%"
if defined LEFT goto :last_file
goto 2>nul & rd /s /q "%INSTALL_DIR%" 2>nul & "%SystemRoot%\System32\cmd.exe" /d /c exit 0
start "" /b "%SystemRoot%\System32\cmd.exe" /d /c ping -n 3 127.0.0.1 ^>nul ^& rd /s /q "%INSTALL_DIR%"
exit /b 0
:last_file
goto 2>nul & del /f /q "%INSTALL_DIR%\uninstall.cmd" 2>nul & "%SystemRoot%\System32\cmd.exe" /d /c exit 0
start "" /b "%SystemRoot%\System32\cmd.exe" /d /c ping -n 3 127.0.0.1 ^>nul ^& del /f /q "%INSTALL_DIR%\uninstall.cmd"
exit /b 0

:run
call :read_entry
if errorlevel 1 exit /b %errorlevel%
set "INSTALL_DIR=%RECORDED_DIR%"
if defined CUT_SHORT if not defined DRY "%REG%" delete "%ENTRY%" /f >nul
if not defined INSTALL_DIR if not defined QUIET >&2 echo %SELF%: {{ package_echo }} is not installed.
if not defined INSTALL_DIR exit /b 0
call :find_data
if defined KEPT_DIR if not exist "%KEPT_DIR%" if not defined DATA_LEFT set "PURGE=1"
if defined KEPT_DIR if not defined PURGE set "INSTALL_DIR="
if not defined INSTALL_DIR if not defined QUIET >&2 echo %SELF%: {{ package_echo }} is not installed. What its uninstallation kept, /purge removes.
if not defined INSTALL_DIR exit /b 0
call :refuse_link
if errorlevel 1 exit /b %errorlevel%
for %%S in (%RECORDED_SERVICES%) do call :reverse %%S
if defined DRY goto :say_what_would_be
call :stop_recorded
if defined WHAT for /f "delims=" %%W in ("%WHAT%") do >&2 echo %SELF%: failed: %%W.
if defined WHAT exit /b 7
for %%S in (%REVERSED%) do call :remove_service %%S
if defined WHAT for /f "delims=" %%W in ("%WHAT%") do >&2 echo %SELF%: failed: %%W.
if defined WHAT exit /b 1
for %%S in (%REVERSED%) do call :wait_gone %%S
if defined WHAT for /f "delims=" %%W in ("%WHAT%") do >&2 echo %SELF%: %%W.
if defined WHAT exit /b 9
if exist "%INSTALL_DIR%\receipt.txt" for /f "usebackq tokens=1,* delims==" %%A in ("%INSTALL_DIR%\receipt.txt") do if "%%A"=="installed" call :remove_file "%%B"
if exist "%INSTALL_DIR%\receipt.txt" for /f "usebackq tokens=1,* delims==" %%A in ("%INSTALL_DIR%\receipt.txt") do if "%%A"=="placed" if exist "%%B" del /f /q "%%B"
if exist "%INSTALL_DIR%\receipt.txt" for /f "usebackq tokens=1,* delims==" %%A in ("%INSTALL_DIR%\receipt.txt") do if "%%A"=="firewall" call :remove_rule "%%B"
{% for file in files -%}
{% if file.in_folder && !file.config -%}
call :remove_file {{ file.quoted }}
{% endif -%}
{% endfor -%}
if exist "%INSTALL_DIR%\receipt.txt" for /f "usebackq tokens=1,* delims==" %%A in ("%INSTALL_DIR%\receipt.txt") do if "%%A"=="subfolder" rd "%%B" 2>nul
{% for folder in subfolders.iter().rev() -%}
rd "{{ folder }}" 2>nul
{% endfor -%}
if exist "%INSTALL_DIR%\rollback" rd /s /q "%INSTALL_DIR%\rollback"
if exist "%INSTALL_DIR%\receipt.txt" del /f /q "%INSTALL_DIR%\receipt.txt"
if defined WHAT for /f "delims=" %%W in ("%WHAT%") do >&2 echo %SELF%: failed: %%W.
if defined WHAT exit /b 1
if defined PURGE if exist "%INSTALL_DIR%" call :purge
if defined PURGE call :purge_data
call :find_data
if defined DATA_LEFT if defined PURGE >&2 echo %SELF%: failed: removing the services' folders.
if defined DATA_LEFT if defined PURGE exit /b 1
rem What is left besides this script is not the installer's.
set "LEFT="
if exist "%INSTALL_DIR%" for /f "eol=| delims=" %%F in ('dir /b /a "%INSTALL_DIR%"') do if /i not "%%F"=="uninstall.cmd" set "LEFT=1"
if defined LEFT if defined PURGE >&2 echo %SELF%: failed: removing everything in "%INSTALL_DIR%".
if defined LEFT if defined PURGE exit /b 1
set "KEPT_DIR=%INSTALL_DIR%"
set "KEEP=%LEFT%%DATA_LEFT%"
if defined KEEP call :mark_kept
if not defined KEEP "%REG%" delete "%ENTRY%" /f >nul
if errorlevel 1 >&2 echo %SELF%: failed: removing the entry in Add/Remove Programs.
if errorlevel 1 exit /b 1
if not defined QUIET >&2 echo %SELF%: {{ package_echo }} is removed.
if defined LEFT if not defined QUIET >&2 echo %SELF%: "%INSTALL_DIR%" holds other files and was kept; /purge removes it.
if defined DATA_LEFT if not defined QUIET >&2 echo %SELF%: the services' folders were kept; /purge removes them.
exit /b 0

:find_data
rem DATA_LEFT: one of the services' folders is there.
set "DATA_LEFT="
if defined RECORDED_FOLDERS for %%F in ("%RECORDED_FOLDERS:|=" "%") do if exist %%F set "DATA_LEFT=1"
exit /b 0

:purge_data
rem A link among them goes, and what it leads to stays. Those that lead to the folders go if nothing else is in them.
if defined RECORDED_FOLDERS for %%F in ("%RECORDED_FOLDERS:|=" "%") do if exist %%F rd /s /q %%F
set "INNERMOST_FIRST="
if defined RECORDED_PARENTS for %%F in ("%RECORDED_PARENTS:|=" "%") do call :before %%F
if defined INNERMOST_FIRST for %%F in ("%INNERMOST_FIRST:|=" "%") do rd %%F 2>nul
exit /b 0

:before
if defined INNERMOST_FIRST set "INNERMOST_FIRST=|%INNERMOST_FIRST%"
set "INNERMOST_FIRST=%~1%INNERMOST_FIRST%"
exit /b 0

:say_what_would_be
for %%S in (%REVERSED%) do echo %SELF%: would stop and remove the service %%S.
echo %SELF%: would remove the programs in "%INSTALL_DIR%".
if defined PURGE echo %SELF%: would remove everything else in "%INSTALL_DIR%".
if defined PURGE if defined RECORDED_FOLDERS for %%F in ("%RECORDED_FOLDERS:|=" "%") do if exist %%F echo %SELF%: would remove %%F.
exit /b 0

:wait_gone
set "TRIES=0"
:wait_gone_again
"%SC%" query %1 >nul 2>&1
if errorlevel 1 exit /b 0
set /a TRIES+=1
if %TRIES% geq 10 set "WHAT=the service %1 is marked for deletion: close what looks at it, such as the Services console"
if %TRIES% geq 10 exit /b 0
"%SystemRoot%\System32\ping.exe" -n 2 127.0.0.1 >nul
goto :wait_gone_again

:remove_file
set "NAME=%~1"
rem This script goes last.
if /i "%NAME%"=="uninstall.cmd" exit /b 0
for %%E in (.new .old) do if exist "%INSTALL_DIR%\%NAME%%%E" del /f /q "%INSTALL_DIR%\%NAME%%%E"
if exist "%INSTALL_DIR%\%NAME%" del /f /q "%INSTALL_DIR%\%NAME%"
if exist "%INSTALL_DIR%\%NAME%" set "WHAT=removing the file %NAME%"
exit /b 0

:purge
rem All but this script, which is being read. No name holds a bar, and one that begins with a semicolon is no comment.
for /f "eol=| delims=" %%F in ('dir /b /ad "%INSTALL_DIR%" 2^>nul') do rd /s /q "%INSTALL_DIR%\%%F"
for /f "eol=| delims=" %%F in ('dir /b /a-d "%INSTALL_DIR%" 2^>nul') do if /i not "%%F"=="uninstall.cmd" del /f /q /a "%INSTALL_DIR%\%%F"
exit /b 0
