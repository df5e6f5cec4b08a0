:file
rem %1: number. FROM becomes the file in the package, TO the one in the install folder.
{% for file in files -%}
if "%1"=="{{ file.number }}" set "FROM={{ file.raw_source }}"& set "TO={{ file.to }}"& set "LISTED={{ file.listed }}"& set "PRIVATE={% if file.private %}1{% endif %}"
{% endfor -%}
exit /b 0

:note_state
rem %1: number; %2: name. A service that failed counts as running: it was not somebody who stopped it.
for %%V in (RAN MADE CHANGED STARTED NEW_SOURCE) do set "%%V_%1="
if not defined EXISTS_%1 exit /b 0
call :state %2
set "RAN_%1=1"
if "%STATE%"=="1" if "%EXIT%"=="0" set "RAN_%1="
if "%STATE%"=="1" if "%EXIT%"=="1077" set "RAN_%1="
for %%S in (%RECORDED_RUNNING%) do if /i "%%S"=="%2" set "RAN_%1=1"
exit /b 0

:claim
rem The entry comes first: only administrators write there, so it says who made the folder, also after a killed run.
set "WHAT=writing the entry in Add/Remove Programs"
set "SNAPSHOTS=%INSTALL_DIR%\rollback"
set "ALL_SERVICES={{ names }}"
for %%S in (%OLD_SERVICES%) do call :add_service %%S
call :snapshot_entry
if errorlevel 1 exit /b 1
set "CLAIMED=1"
"%REG%" add "%ENTRY%" /v SvcInstaller /t REG_SZ /d script /f >nul
if errorlevel 1 exit /b 1
"%REG%" add "%ENTRY%" /v SvcServices /t REG_SZ /d "%ALL_SERVICES%" /f >nul
if errorlevel 1 exit /b 1
"%REG%" add "%ENTRY%" /v InstallLocation /t REG_SZ /d "%INSTALL_DIR%" /f >nul
if errorlevel 1 exit /b 1
rem What runs now runs again, also if this run is killed and another one finishes it.
set "RUNNING="
for %%S in (%RAN_OLD%) do call :add_running %%S
{% for service in services -%}
if defined RAN_{{ service.number }} call :add_running {{ service.name }}
{% endfor -%}
if defined RUNNING "%REG%" add "%ENTRY%" /v SvcRunning /t REG_SZ /d "%RUNNING:~1%" /f >nul
if defined RUNNING if errorlevel 1 exit /b 1
{% if !folders.is_empty() -%}
rem So do the folders of the services: whatever is not in these lists, another run does not take for the installer's.
set "FOLDERS=%RECORDED_FOLDERS%"
set "PARENTS=%RECORDED_PARENTS%"
{% for folder in folders -%}
call :claim_folder {{ folder.list }} "{{ folder.path }}"
{% endfor -%}
if defined FOLDERS "%REG%" add "%ENTRY%" /v SvcFolders /t REG_SZ /d "%FOLDERS%" /f >nul
if defined FOLDERS if errorlevel 1 exit /b 1
if defined PARENTS "%REG%" add "%ENTRY%" /v SvcParents /t REG_SZ /d "%PARENTS%" /f >nul
if defined PARENTS if errorlevel 1 exit /b 1
{% endif -%}
"%REG%" delete "%ENTRY%" /v SvcKept /f >nul 2>&1
set "WHAT=making the install folder"
if defined NEW_FOLDER mkdir "%INSTALL_DIR%" 2>nul
if not exist "%INSTALL_DIR%\" exit /b 1
if not defined FIRST goto :folder_is_safe
set "WHAT=setting the access list of the install folder"
if not exist "%SNAPSHOTS%" mkdir "%SNAPSHOTS%"
if not defined NEW_FOLDER "%ICACLS%" "%INSTALL_DIR%" /save "%SNAPSHOTS%\acl" /q >nul
if not defined NEW_FOLDER set "OLD_ACL=1"
"%ICACLS%" "%INSTALL_DIR%" /inheritance:r /grant:r {{ grants }} /q >nul
if errorlevel 1 exit /b 1
:folder_is_safe
set "WHAT=saving the configuration of the services"
if not exist "%SNAPSHOTS%" mkdir "%SNAPSHOTS%"
{% for service in services -%}
call :snapshot {{ service.number }} {{ service.name }}
if errorlevel 1 exit /b 1
{% endfor -%}
set "WHAT="
exit /b 0

{% if !folders.is_empty() -%}
:claim_folder
rem %1: FOLDERS or PARENTS; %2: path.
call :is_listed %2 %1
if not errorlevel 1 exit /b 0
set "JOINED="
if defined %1 for /f "tokens=1,* delims==" %%A in ('set %1') do if /i "%%A"=="%1" set "JOINED=%%B|"
set "%1=%JOINED%%~2"
exit /b 0

{% for folder in folders -%}
:folder_{{ folder.number }}
if not defined NEW_DATA_{{ folder.number }} goto :folder_{{ folder.number }}_is_there
rem One that came in the meantime is somebody else's.
mkdir "{{ folder.path }}" 2>nul
if errorlevel 1 exit /b 1
set "MADE_DATA_{{ folder.number }}=1"
goto :folder_{{ folder.number }}_access
:folder_{{ folder.number }}_is_there
if not defined FIRST exit /b 0
"%ICACLS%" "{{ folder.path }}" /save "%SNAPSHOTS%\acl-{{ folder.number }}" /q >nul
set "OLD_DATA_{{ folder.number }}=1"
:folder_{{ folder.number }}_access
"%ICACLS%" "{{ folder.path }}" /inheritance:r /grant:r {{ folder.grants }} /q >nul
if errorlevel 1 exit /b 1
"%ICACLS%" "{{ folder.path }}" /setowner *S-1-5-32-544 /q >nul
if errorlevel 1 exit /b 1
exit /b 0

{% endfor -%}
{% endif -%}
{% if !subfolders.is_empty() -%}
:subfolder
rem %1: path.
if exist "%~1\" exit /b 0
mkdir %1 2>nul
if not exist "%~1\" exit /b 1
rem The innermost first, as they go again.
if defined NEW_SUBFOLDERS set "NEW_SUBFOLDERS=|%NEW_SUBFOLDERS%"
set "NEW_SUBFOLDERS=%~1%NEW_SUBFOLDERS%"
exit /b 0

{% endif -%}
:add_service
set "ALL_SERVICES=%ALL_SERVICES%/%1"
exit /b 0

:add_running
set "RUNNING=%RUNNING%/%1"
exit /b 0

:snapshot_entry
if defined NEW_ENTRY exit /b 0
rem The folder of an unfinished installation may be missing, and a mark is written again.
if defined NEW_FOLDER exit /b 0
if defined KEPT_DIR exit /b 0
if not exist "%SNAPSHOTS%" mkdir "%SNAPSHOTS%"
"%REG%" export "%ENTRY%" "%SNAPSHOTS%\entry.reg" /y >nul
exit /b %errorlevel%

:snapshot
rem %1: number; %2: name.
if not defined EXISTS_%1 exit /b 0
"%REG%" export "%SERVICES%\%2" "%SNAPSHOTS%\%1.reg" /y >nul
if errorlevel 1 exit /b 1
call :read_into IMAGE_%1 %SERVICES%\%2 ImagePath
call :read_into DISPLAY_%1 %SERVICES%\%2 DisplayName
call :read_into ACCOUNT_%1 %SERVICES%\%2 ObjectName
call :read_into START_%1 %SERVICES%\%2 Start
call :read_into DEPEND_%1 %SERVICES%\%2 DependOnService
call :read_into HAD_ENVIRONMENT_%1 %SERVICES%\%2 Environment
exit /b 0

:replace
rem %1: number. The new file is written beside the old one, and the old one stays until all is done.
call :file %1
rem A run that was killed in between may have left only the old file.
if exist "%TO%.old" if not exist "%TO%" move /y "%TO%.old" "%TO%" >nul
if exist "%TO%.old" del /f /q "%TO%.old"
if exist "%TO%.old" exit /b 1
set "TOUCHED_%1=1"
set "NEW_FILE_%1="
if not exist "%TO%" set "NEW_FILE_%1=1"
copy /b /y "%FROM%" "%TO%.new" >nul
if errorlevel 1 exit /b 1
if not exist "%TO%.new" exit /b 1
if defined PRIVATE "%ICACLS%" "%TO%.new" /inheritance:r /grant:r *S-1-5-18:F *S-1-5-32-544:F /q >nul
if defined PRIVATE if errorlevel 1 exit /b 1
if exist "%TO%" move /y "%TO%" "%TO%.old" >nul
if exist "%TO%" exit /b 1
move /y "%TO%.new" "%TO%" >nul
if not exist "%TO%" exit /b 1
exit /b 0
{%- if configs %}

:config
rem %1: number, of a file that an operator may edit: then it stays, and this version's is put beside it.
call :file %1
set "WAS_SUM="
if exist "%INSTALL_DIR%\receipt.txt" for /f "usebackq tokens=1,2,* delims== " %%A in ("%INSTALL_DIR%\receipt.txt") do if /i "%%A %%C"=="config %TO%" set "WAS_SUM=%%B"
if exist "%TO%" goto :config_is_there
if defined WAS_SUM if not defined QUIET >&2 echo %SELF%: "%TO%" was gone, and is put back.
goto :replace
:config_is_there
set "NEW_SUM="
for /f "usebackq tokens=1,2,3,* delims== " %%A in ("PACKAGE") do if "%%A %%D"=="file %LISTED%" set "NEW_SUM=%%B"
set "IS_SUM="
for /f "skip=1 delims=" %%H in ('%SystemRoot%\System32\certutil.exe -hashfile "%TO%" SHA256 2^>nul') do if not defined IS_SUM set "IS_SUM=%%H"
if defined IS_SUM set "IS_SUM=%IS_SUM: =%"
if defined IS_SUM if /i "%IS_SUM%"=="%NEW_SUM%" exit /b 0
if defined IS_SUM if /i "%IS_SUM%"=="%WAS_SUM%" goto :replace
rem There is nothing new to tell the operator.
if /i "%NEW_SUM%"=="%WAS_SUM%" exit /b 0
if not defined QUIET >&2 echo %SELF%: "%TO%" was edited and is kept; the one of this version is put beside it, with .new after its name.
if exist "%TO%.new" copy /b /y "%TO%.new" "%SNAPSHOTS%\aside-%1" >nul
set "ASIDE_%1=1"
copy /b /y "%FROM%" "%TO%.new" >nul
if errorlevel 1 exit /b 1
if defined PRIVATE "%ICACLS%" "%TO%.new" /inheritance:r /grant:r *S-1-5-18:F *S-1-5-32-544:F /q >nul
exit /b 0
{%- endif %}
{% for rule in rules %}
:rule_{{ rule.number }}
rem What an operator did with a rule that is there stays.
set "RULE_IS_THERE="
if not defined FIRST if exist "%INSTALL_DIR%\receipt.txt" for /f "usebackq tokens=1,* delims==" %%A in ("%INSTALL_DIR%\receipt.txt") do if /i "%%A %%B"=="firewall {{ rule.name }}" set "RULE_IS_THERE=1"
if defined RULE_IS_THERE exit /b 0
call :remove_rule "{{ rule.name }}"
set "MADE_RULE_{{ rule.number }}=1"
{{ rule.command }} >nul
if errorlevel 1 exit /b 1
exit /b 0
{% endfor %}
:note_old
rem %1: name, of a service that this version no longer has.
call :state %1
set "RAN="
if not "%STATE%"=="1" set "RAN=1"
for %%S in (%RECORDED_RUNNING%) do if /i "%%S"=="%1" set "RAN=1"
if defined RAN set "RAN_OLD=%RAN_OLD% %1"
exit /b 0
{% for service in services %}
rem ---- {{ service.name }}

:service_{{ service.number }}
if defined EXISTS_{{ service.number }} goto :change_{{ service.number }}
set "WHAT=creating the service {{ service.name }}"
{{ service.create }} >nul
if errorlevel 1 exit /b 1
set "MADE_{{ service.number }}=1"
goto :first_{{ service.number }}
:change_{{ service.number }}
set "WHAT=changing the service {{ service.name }}"
set "CHANGED_{{ service.number }}=1"
{{ service.change }} >nul
if errorlevel 1 exit /b 1
if not defined FIRST goto :always_{{ service.number }}
{% for line in service.reset -%}
set "WHAT={{ line.what }}"
{{ line.command }} >nul
if errorlevel 1 exit /b 1
{% endfor -%}
:first_{{ service.number }}
{% for line in service.first -%}
set "WHAT={{ line.what }}"
{{ line.command }} >nul
if errorlevel 1 exit /b 1
{% endfor -%}
:always_{{ service.number }}
{% for line in service.always -%}
set "WHAT={{ line.what }}"
{{ line.command }} >nul
if errorlevel 1 exit /b 1
{% endfor -%}
set "WHAT=setting the environment of {{ service.name }}"
{% for command in service.environment -%}
{{ command }} >nul
if errorlevel 1 exit /b 1
{% endfor -%}
{% if !service.source.is_empty() -%}
set "WHAT=setting the event source {{ service.name }}"
"%REG%" query "%SERVICES%\EventLog\Application\{{ service.name }}" >nul 2>&1
if errorlevel 1 set "NEW_SOURCE_{{ service.number }}=1"
rem A source that somebody else registered keeps its own messages.
if not defined NEW_SOURCE_{{ service.number }} "%REG%" query "%SERVICES%\EventLog\Application\{{ service.name }}" /v SvcInstaller >nul 2>&1
if not defined NEW_SOURCE_{{ service.number }} if errorlevel 1 exit /b 0
{% for command in service.source -%}
{{ command }} >nul
if errorlevel 1 exit /b 1
{% endfor -%}
{% endif -%}
exit /b 0

:needs_{{ service.number }}
{% for need in service.needs -%}
if not exist "{{ need.path }}" >&2 echo %SELF%: {{ service.name }} is installed and not started: {{ need.what }} "{{ need.path }}" is missing. Put it there, then: net start {{ service.name }}
if not exist "{{ need.path }}" exit /b 1
{% endfor -%}
exit /b 0

:names_{{ service.number }}
set "OURS={% for name in service.variable_names %}{{ name }} {% endfor %}"
exit /b 0

:compare_{{ service.number }}
rem Says where the service differs from what a first installation sets.
if not defined EXISTS_{{ service.number }} exit /b 0
if defined QUIET exit /b 0
call :read %SERVICES%\{{ service.name }} ObjectName
if /i not "%VALUE%"=="{{ service.account }}" >&2 echo %SELF%: {{ service.name }} runs as "%VALUE%", which was kept; /reset makes it {{ service.account }}.
call :read %SERVICES%\{{ service.name }} Start
if /i not "%VALUE%"=="{{ service.start_number }}" >&2 echo %SELF%: {{ service.name }} has another start type than {{ service.start_word }}, which was kept; /reset changes that.
call :read %SERVICES%\{{ service.name }} DelayedAutostart
if not defined VALUE set "VALUE=0x0"
if /i not "%VALUE%"=="{{ service.delayed }}" if "{{ service.delayed }}"=="0x0" >&2 echo %SELF%: {{ service.name }} starts with delay, which was kept; /reset changes that.
if /i not "%VALUE%"=="{{ service.delayed }}" if "{{ service.delayed }}"=="0x1" >&2 echo %SELF%: {{ service.name }} starts without delay, which was kept; /reset changes that.
{% for value in service.recovery -%}
call :read %SERVICES%\{{ service.name }} {{ value.name }}
if /i not "%VALUE%"=="{{ value.data }}"{% for other in value.or_absent %} if defined VALUE{% endfor %} >&2 echo %SELF%: {{ service.name }} has another recovery than declared, which was kept; /reset changes that.
{% endfor -%}
exit /b 0
{% endfor %}
:merge
rem %1: number; %2: name. KEPT_%1 becomes the variables that somebody else added to the service, each with its separator.
set "KEPT_%1="
set "KEPT="
if not defined EXISTS_%1 exit /b 0
call :names_%1
if exist "%INSTALL_DIR%\receipt.txt" for /f "usebackq tokens=1,2,3 delims== " %%A in ("%INSTALL_DIR%\receipt.txt") do if /i "%%A %%B"=="variable %2" call :add_name %%C
call :read %SERVICES%\%2 Environment
if not defined VALUE exit /b 0
rem The installer keeps a copy of what it wrote: usually nothing else is there.
call :read_into WRITTEN %SERVICES%\%2 SvcEnvironment
call :is_unchanged
if not errorlevel 1 exit /b 0
call :has_no_quote
if errorlevel 1 goto :cannot_merge
if not "%VALUE:{{ separator }}=%"=="%VALUE%" goto :cannot_merge
set "REST=%VALUE:\0={{ separator }}%"
:merge_next
set "PIECE="
for /f "eol={{ separator }} tokens=1,* delims={{ separator }}" %%A in ("%REST%") do (set "PIECE=%%A"& set "REST=%%B")
if not defined PIECE goto :merged
set "NAME="
for /f "eol== tokens=1 delims==" %%A in ("%PIECE%") do set "NAME=%%A"
if "%NAME%"=="%PIECE%" goto :cannot_merge
for %%V in (%OURS%) do if /i "%%V"=="%NAME%" set "PIECE="
if defined PIECE set "KEPT=%KEPT%%PIECE%{{ separator }}"
if defined REST goto :merge_next
:merged
set "KEPT_%1=%KEPT%"
exit /b 0
:cannot_merge
>&2 echo %SELF%: somebody added a variable to %2 that this script cannot carry: use install.ps1, or move it to
>&2 echo %SERVICES%\%2\Parameters, value Environment.
exit /b 10

:add_name
set "OURS=%OURS% %1"
exit /b 0

:is_unchanged
rem What a substitution without quotes results in can stand in quotes, whatever else the value holds.
if not defined WRITTEN exit /b 1
set "NOW=%VALUE:"='%"
set "THEN=%WRITTEN:"='%"
if "%NOW%"=="%THEN%" exit /b 0
exit /b 1

:has_no_quote
set "ONE=%VALUE:"=1%"
set "TWO=%VALUE:"=2%"
if "%ONE%"=="%TWO%" exit /b 0
exit /b 1

:start_again
rem %1: number; %2: name; %3: seconds, 0 for no limit; %4: 1 if a first installation starts it.
if defined NO_START exit /b 0
call :needs_%1
if errorlevel 1 exit /b 0
if defined EXISTS_%1 if not defined UNFINISHED goto :start_as_before
if not "%4"=="1" exit /b 0
call :start %2 %3
set "RC=%errorlevel%"
set "STARTED_%1=1"
exit /b %RC%
:start_as_before
if not defined RAN_%1 if not defined QUIET >&2 echo %SELF%: %2 was stopped and stays stopped.
if not defined RAN_%1 exit /b 0
call :start_even_disabled %2 %3
set "RC=%errorlevel%"
set "STARTED_%1=1"
exit /b %RC%

:start_even_disabled
rem A service that was disabled while it ran comes back, and stays disabled.
call :read %SERVICES%\%1 Start
set "DISABLED="
if /i "%VALUE%"=="0x4" set "DISABLED=1"
if defined DISABLED "%SC%" config %1 start= demand >nul
call :start %1 %2
set "RC=%errorlevel%"
if defined DISABLED "%SC%" config %1 start= disabled >nul
exit /b %RC%

:start
rem %1: name; %2: seconds, 0 for no limit.
if not defined QUIET >&2 echo %SELF%: starting %1.
set "TRIES=0"
:start_once_more
"%SC%" start %1 >nul 2>&1
set "RC=%errorlevel%"
if not "%RC%"=="1056" goto :start_asked
rem 1056: it runs already, because another service needs it; or it did not stop in its time, and cannot start before it has.
call :state %1
set "ENDING="
for %%S in (1 3) do if "%STATE%"=="%%S" set "ENDING=1"
if not "%2"=="0" if %TRIES% geq %2 set "ENDING="
if defined ENDING "%SystemRoot%\System32\ping.exe" -n 2 127.0.0.1 >nul
if defined ENDING set /a TRIES+=1
if defined ENDING goto :start_once_more
set "RC=0"
:start_asked
if not "%RC%"=="0" set "WHAT=starting %1, error %RC%; net helpmsg %RC% explains it"
if not "%RC%"=="0" exit /b 8
set "TRIES=0"
:start_wait
call :state %1
if "%STATE%"=="4" exit /b 0
if "%STATE%"=="1" set "WHAT=starting %1, which ended with %EXIT%, its own code %OWN_EXIT%; see the event log"
if "%STATE%"=="1" exit /b 8
if not "%2"=="0" if %TRIES% geq %2 set "WHAT=starting %1, which did not say within %2 s that it runs"
if not "%2"=="0" if %TRIES% geq %2 exit /b 8
"%SystemRoot%\System32\ping.exe" -n 2 127.0.0.1 >nul
set /a TRIES+=1
goto :start_wait

:write_receipt
set "WHAT=writing the receipt"
set "TO=%INSTALL_DIR%\receipt.txt"
set "TOUCHED_RECEIPT=1"
set "NEW_FILE_RECEIPT="
if not exist "%TO%" set "NEW_FILE_RECEIPT=1"
copy /b /y PACKAGE "%TO%.new" >nul
if not exist "%TO%.new" exit /b 1
>>"%TO%.new" echo installer=%SELF%
>>"%TO%.new" echo installed-by="%USERDOMAIN%\%USERNAME%"
{% for file in files -%}
{% if file.config -%}
call :config_line {{ file.number }}
{% else if file.in_folder -%}
>>"%TO%.new" echo installed={{ file.echo }}
{% else -%}
call :receipt_line placed "{{ file.to }}"
{% endif -%}
{% endfor -%}
{% for folder in subfolders.iter().rev() -%}
call :receipt_line subfolder "{{ folder }}"
{% endfor -%}
{% for rule in rules -%}
>>"%TO%.new" echo firewall={{ rule.echo }}
{% endfor -%}
{% for service in services -%}
>>"%TO%.new" echo service={{ service.name }}
{% for name in service.variable_names -%}
>>"%TO%.new" echo variable={{ service.name }} {{ name }}
{% endfor -%}
{% endfor -%}
if exist "%TO%.old" del /f /q "%TO%.old"
if exist "%TO%" move /y "%TO%" "%TO%.old" >nul
move /y "%TO%.new" "%TO%" >nul
if not exist "%TO%" exit /b 1
exit /b 0

{% if configs -%}
:config_line
rem %1: number. What a later run tells an edited file by.
set "RECEIPT=%TO%"
call :file %1
set "PLACE=%TO%"
set "TO=%RECEIPT%"
set "NEW_SUM="
for /f "usebackq tokens=1,2,3,* delims== " %%A in ("PACKAGE") do if "%%A %%D"=="file %LISTED%" set "NEW_SUM=%%B"
call :receipt_line config "%NEW_SUM% %PLACE%"
exit /b 0

{% endif -%}
:receipt_line
rem %1: name; %2: value. A FOR variable is not read again, whatever its text holds.
set "RECORD=%~2"
for /f "tokens=1,* delims==" %%A in ('set RECORD') do if /i "%%A"=="RECORD" >>"%TO%.new" echo %1=%%B
exit /b 0

:write_entry
set "WHAT=writing the entry in Add/Remove Programs"
{% for name in absent_entry -%}
"%REG%" delete "%ENTRY%" /v {{ name }} /f >nul 2>&1
{% endfor -%}
"%REG%" add "%ENTRY%" /v DisplayVersion /t REG_SZ /d "%VERSION%" /f >nul
if errorlevel 1 exit /b 1
rem The name comes last: with it, the installation counts as finished.
{% for command in entry -%}
{{ command }} >nul
if errorlevel 1 exit /b 1
{% endfor -%}
exit /b 0
