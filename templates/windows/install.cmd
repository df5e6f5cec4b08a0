@echo off
rem Written by `cargo svc generate` from [package.metadata.service] in Cargo.toml: change it there.
rem Installs, upgrades and repairs {{ package }}: running it again ends in the same state. See install.cmd /help.
rem
rem Left to install.ps1, which can: looking at the owner of a folder that is there already, keeping variables with a quote in
rem them that somebody added to a service's Environment value, and accounts of the machine or of its domain, which need a
rem password or the right to log on as a service.
setlocal EnableExtensions DisableDelayedExpansion
set "SELF=install.cmd"
for %%V in (QUIET DRY NO_START RESET FIRST UNFINISHED INSTALL_DIR OLD_CP PUSHED) do set "%%V="
for %%V in (NEW_FOLDER NEW_ENTRY CLAIMED OLD_ACL OLD_SERVICES RAN_OLD TOUCHED_RECEIPT WHAT{% for file in files %} TOUCHED_{{ file.number }} ASIDE_{{ file.number }}{% endfor %}) do set "%%V="
{% if !folders.is_empty() -%}
for %%V in (FOLDERS PARENTS{% for folder in folders %} NEW_DATA_{{ folder.number }} MADE_DATA_{{ folder.number }} OLD_DATA_{{ folder.number }}{% endfor %}) do set "%%V="
{% endif -%}
{% if !subfolders.is_empty() || !rules.is_empty() -%}
for %%V in (NEW_SUBFOLDERS{% for rule in rules %} MADE_RULE_{{ rule.number }}{% endfor %}) do set "%%V="
{% endif -%}
set "CODE=0"
set "SC=%SystemRoot%\System32\sc.exe"
set "REG=%SystemRoot%\System32\reg.exe"
set "NETSH=%SystemRoot%\System32\netsh.exe"
set "ICACLS=%SystemRoot%\System32\icacls.exe"
set "ENTRY=HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\{{ package }}"
set "PROGRAM_DATA=%ProgramData%"
set "SERVICES=HKLM\SYSTEM\CurrentControlSet\Services"

:options
if "%~1"=="" goto :options_read
if /i "%~1"=="/help" goto :help
if "%~1"=="/?" goto :help
if /i "%~1"=="/quiet" set "QUIET=1"& shift& goto :options
if /i "%~1"=="/dry-run" set "DRY=1"& shift& goto :options
if /i "%~1"=="/no-start" set "NO_START=1"& shift& goto :options
if /i "%~1"=="/reset" set "RESET=1"& shift& goto :options
if /i "%~1"=="/install-dir" if not "%~2"=="" set "INSTALL_DIR=%~2"& shift& shift& goto :options
>&2 echo %SELF%: "%~1" is no option, or lacks its value. See %SELF% /help.
exit /b 2

:help
echo Installs, upgrades or repairs {{ package_echo }}. Run it as administrator.
echo.
echo   %SELF% [/install-dir DIR] [/no-start] [/reset] [/dry-run] [/quiet]
echo.
echo   /install-dir DIR  instead of {{ default_dir_echo }}; an upgrade goes where the installation is
echo   /no-start         starts nothing
echo   /reset            sets account, start type, recovery, access lists and firewall rules as on a first installation
echo   /dry-run          checks, and says what would be done
echo   /quiet            says nothing but errors
echo.
echo Exit codes:
echo   0  the services are installed and in the asked-for state
echo   1  a step failed; everything was put back
echo   2  the command line is at fault
echo   3  not run as administrator
echo   4  the package is incomplete or was changed
echo   5  the package is for another kind of machine
echo   6  a service, folder or entry of this name belongs to something else
echo   7  a service did not stop in its time; everything was put back
echo   8  a service did not start; everything was put back
echo   9  a step failed, and not everything could be put back
echo  10  something here that this script cannot carry: use install.ps1
echo  11  another run is under way
exit /b 0

{% include "windows/common.cmd" %}

:options_read
call :prepare
if errorlevel 1 exit /b %CODE%
rem A command interpreter that reads a value twice (Wine's) loses a percent sign of the folder: then the current one counts.
pushd "%~dp0" 2>nul
if not errorlevel 1 set "PUSHED=1"
if defined DRY call :run
if not defined DRY call :run_alone
set "CODE=%errorlevel%"
if defined PUSHED popd
if defined OLD_CP "%SystemRoot%\System32\chcp.com" %OLD_CP% >nul
exit /b %CODE%

:run
call :check_package
if errorlevel 1 exit /b %errorlevel%
call :check_place
if errorlevel 1 exit /b %errorlevel%
{% for folder in folders -%}
call :check_folder {{ folder.number }} "{{ folder.path }}"
if errorlevel 1 exit /b %errorlevel%
{% endfor -%}
{% for service in services -%}
call :check_service {{ service.number }} {{ service.name }}
if errorlevel 1 exit /b %errorlevel%
{% if service.named_account -%}
call :check_account {{ service.number }} {{ service.name }}
if errorlevel 1 exit /b %errorlevel%
{% endif -%}
call :merge {{ service.number }} {{ service.name }}
if errorlevel 1 exit /b %errorlevel%
{% endfor -%}
call :find_old_services
if defined DRY goto :say_what_would_be
call :install
if errorlevel 1 goto :failed
call :clean
{% for service in services -%}
call :compare_{{ service.number }}
{% endfor -%}
if not defined QUIET >&2 echo %SELF%: {{ package_echo }} %VERSION% is installed.
exit /b 0

:failed
set "CODE=%errorlevel%"
if defined WHAT for /f "delims=" %%W in ("%WHAT%") do >&2 echo %SELF%: failed: %%W.
if not defined QUIET >&2 echo %SELF%: putting everything back.
call :put_back
if errorlevel 1 >&2 echo %SELF%: not everything could be put back; run %SELF% again.
if errorlevel 1 exit /b 9
exit /b %CODE%

rem ---- checks: nothing is changed before all of them passed

:check_package
set "TARGET="
set "VERSION="
if not exist PACKAGE >&2 echo %SELF%: the file PACKAGE is missing beside this script.
if not exist PACKAGE exit /b 4
set "LISTED="
for /f "usebackq tokens=1,* delims==" %%A in ("PACKAGE") do if not "%%B"=="" set "LISTED_%%A=%%B"
set "VERSION=%LISTED_version%"
set "TARGET=%LISTED_target%"
if /i not "%LISTED_package%"=="{{ package }}" >&2 echo %SELF%: the file PACKAGE is not that of {{ package_echo }}.
if /i not "%LISTED_package%"=="{{ package }}" exit /b 4
for /f "tokens=1 delims=-" %%A in ("%TARGET%") do set "MACHINE=%%A"
set "FITS="
for %%P in (x86_64-AMD64 x86_64-ARM64 aarch64-ARM64 i686-AMD64 i686-ARM64 i686-x86) do if /i "%%P"=="%MACHINE%-%PROCESSOR_ARCHITECTURE%" set "FITS=1"
if not defined FITS >&2 echo %SELF%: this package is for %TARGET%; this machine is %PROCESSOR_ARCHITECTURE%.
if not defined FITS exit /b 5
set "BAD="
set "UNVERIFIED="
for /f "usebackq tokens=1,2,3,* delims== " %%A in ("PACKAGE") do if "%%A"=="file" call :check_file %%B "%%D"
if defined BAD exit /b 4
{% for file in files -%}
if not exist {{ file.source }} >&2 echo %SELF%: {{ file.echo }} is missing in this package.
if not exist {{ file.source }} exit /b 4
{% endfor -%}
if defined UNVERIFIED if not defined QUIET >&2 echo %SELF%: this machine has no certutil that computes SHA-256; the files were not verified.
exit /b 0

:check_file
rem %1: SHA-256; %2: path.
set "HASH=%1"
set "FILE=%~2"
set "FILE=%FILE:/=\%"
if not exist "%FILE%" >&2 echo %SELF%: "%FILE%" is missing in this package.
if not exist "%FILE%" set "BAD=1"
if not exist "%FILE%" exit /b 0
set "FOUND="
for /f "skip=1 delims=" %%H in ('%SystemRoot%\System32\certutil.exe -hashfile "%FILE%" SHA256 2^>nul') do if not defined FOUND set "FOUND=%%H"
if not defined FOUND set "UNVERIFIED=1"
if not defined FOUND exit /b 0
if /i "%FOUND: =%"=="%HASH%" exit /b 0
set "BAD=1"
>&2 echo %SELF%: "%FILE%" is not the file that was packaged: its SHA-256 differs.
exit /b 0

:check_place
call :read_entry
if errorlevel 1 exit /b %errorlevel%
if not defined RECORDED_DIR set "NEW_ENTRY=1"
rem An entry without a name is that of an installation that was killed: this run finishes it.
if defined RECORDED_DIR call :read %ENTRY% DisplayName
if defined RECORDED_DIR if not defined VALUE set "UNFINISHED=1"
if defined NEW_ENTRY set "FIRST=1"
if defined UNFINISHED set "FIRST=1"
if defined RESET set "FIRST=1"
if not defined INSTALL_DIR set "INSTALL_DIR=%RECORDED_DIR%"
if not defined INSTALL_DIR set "INSTALL_DIR={{ default_dir }}"
for %%I in ("%INSTALL_DIR%") do set "INSTALL_DIR=%%~fI"
if "%INSTALL_DIR:~-1%"=="\" set "INSTALL_DIR=%INSTALL_DIR:~0,-1%"
rem A drive alone. Behind a text's end an interpreter (Wine's) finds anything, so the first three characters are compared.
if "%INSTALL_DIR:~0,3%"=="%INSTALL_DIR%" >&2 echo %SELF%: "%INSTALL_DIR%" cannot be the install folder: name a folder of its own.
if "%INSTALL_DIR:~0,3%"=="%INSTALL_DIR%" exit /b 2
set "PERCENT="
for /f "tokens=2 delims=%%" %%A in ("x%INSTALL_DIR%x") do set "PERCENT=1"
if defined PERCENT >&2 echo %SELF%: an install folder with a percent sign cannot stand in a service's command line.
if defined PERCENT exit /b 2
rem Another folder than the one that an uninstallation kept is as good as none.
if defined KEPT_DIR if /i not "%KEPT_DIR%"=="%INSTALL_DIR%" set "RECORDED_DIR="
if /i not "%RECORDED_DIR%"=="%INSTALL_DIR%" if defined RECORDED_DIR >&2 echo %SELF%: {{ package_echo }} is installed in "%RECORDED_DIR%": uninstall it there first.
if /i not "%RECORDED_DIR%"=="%INSTALL_DIR%" if defined RECORDED_DIR exit /b 6
if not exist "%INSTALL_DIR%" set "NEW_FOLDER=1"
if defined NEW_FOLDER exit /b 0
if not defined RECORDED_DIR >&2 echo %SELF%: "%INSTALL_DIR%" is there and no installation of {{ package_echo }} made it: remove it, or name another folder.
if not defined RECORDED_DIR exit /b 6
call :refuse_link
exit /b %errorlevel%

:check_service
rem %1: number; %2: name
set "EXISTS_%1="
"%SC%" query %2 >nul 2>&1
set "RC=%errorlevel%"
if "%RC%"=="1060" exit /b 0
if not "%RC%"=="0" set "WHAT=asking for the service %2, error %RC%"
if not "%RC%"=="0" >&2 echo %SELF%: could not ask for the service %2: error %RC%.
if not "%RC%"=="0" exit /b 1
set "EXISTS_%1=1"
for %%S in (%RECORDED_SERVICES%) do if /i "%%S"=="%2" exit /b 0
call :read %SERVICES%\%2 ImagePath
>&2 echo %SELF%: the service %2 is there and this installer did not make it. Its program is:
for /f "tokens=1,* delims==" %%A in ('set VALUE') do >&2 echo   %%B
exit /b 6

{% if !folders.is_empty() -%}
:check_folder
rem %1: number; %2: path. Everybody may make folders in %ProgramData%: one that somebody else made would bring its content.
if not exist %2 set "NEW_DATA_%1=1"
if not exist %2 exit /b 0
call :is_link %2
if not errorlevel 1 >&2 echo %SELF%: %2 is a link to another place: remove it.
if not errorlevel 1 exit /b 6
if "%ATTRIBUTES:d=%"=="%ATTRIBUTES%" >&2 echo %SELF%: %2 is a file: remove it.
if "%ATTRIBUTES:d=%"=="%ATTRIBUTES%" exit /b 6
call :is_listed %2 RECORDED_FOLDERS
if not errorlevel 1 exit /b 0
call :is_listed %2 RECORDED_PARENTS
if not errorlevel 1 exit /b 0
>&2 echo %SELF%: %2 is there and no installation of {{ package_echo }} made it: remove it, or use install.ps1, which can see whose it is.
exit /b 6

{% endif -%}
:check_account
rem %1: number; %2: name. An upgrade keeps the account.
if defined EXISTS_%1 if not defined FIRST exit /b 0
>&2 echo %SELF%: %2 has an account that needs a password, or the right to log on as a service: use install.ps1.
exit /b 10

:find_old_services
rem Services of the installed version that this one no longer has.
for %%S in (%RECORDED_SERVICES%) do call :find_old_service %%S
exit /b 0

:find_old_service
for %%S in ({% for service in services %}{{ service.name }} {% endfor %}) do if /i "%%S"=="%1" exit /b 0
set "OLD_SERVICES=%OLD_SERVICES% %1"
exit /b 0

:say_what_would_be
echo %SELF%: would install {{ package_echo }} %VERSION% in "%INSTALL_DIR%":
if defined NEW_FOLDER echo   the folder is made, with an access list of its own
{% for folder in folders -%}
if defined NEW_DATA_{{ folder.number }} echo   the folder "{{ folder.path }}" is made
{% endfor -%}
{% for file in files -%}
{% if file.config -%}
if exist "{{ file.to }}" echo   {{ file.echo }} is kept if it was edited
if not exist "{{ file.to }}" echo   {{ file.echo }}
{% else -%}
echo   {{ file.echo }}
{% endif -%}
{% endfor -%}
{% for rule in rules -%}
echo   the firewall rule {{ rule.echo }}
{% endfor -%}
{% for service in services -%}
if defined EXISTS_{{ service.number }} echo   the service {{ service.name }} is stopped, rewritten and put back into its state
if not defined EXISTS_{{ service.number }} echo   the service {{ service.name }} is made{{ service.and_started }}
{% endfor -%}
for %%S in (%OLD_SERVICES%) do echo   the service %%S, which this version no longer has, is removed
exit /b 0

rem ---- installation: a label of its own for each service's steps, in the order of the plan

:install
{% for service in services_reversed -%}
call :note_state {{ service.number }} {{ service.name }}
if errorlevel 1 exit /b %errorlevel%
{% endfor -%}
for %%S in (%OLD_SERVICES%) do call :note_old %%S
call :claim
if errorlevel 1 exit /b %errorlevel%
call :stop_recorded
if defined WHAT exit /b 7
{% for folder in folders -%}
set "WHAT=making the folder {{ folder.path }}"
call :folder_{{ folder.number }}
if errorlevel 1 exit /b 1
{% endfor -%}
{% for folder in subfolders -%}
set "WHAT=making the folder {{ folder }}"
call :subfolder "{{ folder }}"
if errorlevel 1 exit /b 1
{% endfor -%}
{% for file in files -%}
set "WHAT=replacing the file {{ file.label }}"
call {% if file.config %}:config{% else %}:replace{% endif %} {{ file.number }}
if errorlevel 1 exit /b 1
{% endfor -%}
{% for service in services -%}
call :service_{{ service.number }}
if errorlevel 1 exit /b 1
{% endfor -%}
{% for rule in rules -%}
set "WHAT=adding the firewall rule {{ rule.name }}"
call :rule_{{ rule.number }}
if errorlevel 1 exit /b 1
{% endfor -%}
set "WHAT="
{% for service in services -%}
call :start_again {{ service.number }} {{ service.name }} {{ service.start_limit }} {{ service.starts }}
if errorlevel 1 exit /b %errorlevel%
{% endfor -%}
call :write_receipt
if errorlevel 1 exit /b 1
call :write_entry
if errorlevel 1 exit /b 1
rem The last step, since nothing brings a removed service back.
set "WHAT="
for %%S in (%OLD_SERVICES%) do call :remove_service %%S
if defined WHAT exit /b 1
set "WHAT=writing the entry in Add/Remove Programs"
"%REG%" add "%ENTRY%" /v SvcServices /t REG_SZ /d {{ names }} /f >nul
if errorlevel 1 exit /b 1
"%REG%" delete "%ENTRY%" /v SvcRunning /f >nul 2>&1
exit /b 0

{% include "windows/install-steps.cmd" %}
{% include "windows/install-back.cmd" %}
